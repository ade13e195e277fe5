{ limenTool }:
limenTool {
  tool = "manifest-query";
}
