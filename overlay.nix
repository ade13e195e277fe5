# the tools under the names that Liminix' buildEnv takes from its own pkgs/;
# routeros is there a set of two programs, the second of which we have as an
# option
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
    run-border-vm
    run-in-vm
    tufted;
  run-liminix-vm = limen.mips-vm;
  routeros = limen.routeros // {
    inherit (limen) routeros;
    ros-exec-script = final.writeShellScriptBin "ros-exec-script" ''
      exec ${limen.routeros}/bin/routeros --exec "$2" "$1"
    '';
  };
}
