{ limenTool }:
limenTool {
  tool = "pppoe-l2tp-relay";
}
