{ limenTool }:
limenTool {
  tool = "run-in-vm";
}
