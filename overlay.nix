# the tools under the names that Liminix' buildEnv takes from its own pkgs/
final: prev:
let
  limen = import ./. { pkgs = final; };
in
{
  inherit limen;
  inherit (limen)
    bng
    connect-vm
    manifest-query
    mips-vm
    pppoe-l2tp-relay
    routeros
    run-border-vm
    run-in-vm
    tufted;
  run-liminix-vm = limen.mips-vm;
}
