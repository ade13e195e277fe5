{ limenTool }:
limenTool {
  tool = "routeros";
}
