{ limenTool }:
limenTool {
  tool = "mips-vm";
}
