{ limenTool }:
limenTool {
  tool = "tufted";
}
