{ limenTool }:
limenTool {
  tool = "connect-vm";
}
