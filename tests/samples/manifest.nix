# a small graph of real builds: self references, diamonds, a chain
let
  mk =
    name: script:
    derivation {
      inherit name;
      system = builtins.currentSystem;
      builder = "/bin/sh";
      args = [ "-c" ("PATH=/bin:/usr/bin\n" + script) ];
    };
  alpha = mk "alpha-1.0" "mkdir $out; echo hello >$out/f; echo hello >$out/g";
  beta = mk "beta-2.1" ''
    mkdir -p $out/bin
    echo ${alpha} $out >$out/bin/x
    chmod +x $out/bin/x
    head -c 5000 /dev/zero >$out/data
  '';
  gamma = mk "gamma-0.3-dev" "echo ${alpha} ${beta} >$out";
  delta = mk "delta" ''
    mkdir $out
    ln -s ${gamma} $out/l
    ln -s ${beta}/bin $out/bin
    echo $out ${alpha} >$out/self
  '';
  chain =
    n:
    if n == 0 then
      alpha
    else
      mk "chain-${toString n}" ''
        echo ${chain (n - 1)} >$out
        ${if n / 3 * 3 == n then "echo ${beta} >>$out" else ""}
      '';
  top = mk "top-1" ''
    mkdir $out
    echo ${delta} ${chain 12} ${chain 5} ${gamma} >$out/all
  '';
in
{
  roots = [ delta gamma (chain 12) top ];
}
