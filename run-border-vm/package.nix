{ limenTool }:
limenTool {
  tool = "run-border-vm";
}
