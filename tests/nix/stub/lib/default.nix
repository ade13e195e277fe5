# the few functions of nixpkgs' lib that limen uses
rec {
  genAttrs = names: f: builtins.listToAttrs (map (name: { inherit name; value = f name; }) names);
  optionalString = c: s: if c then s else "";
  optionalAttrs = c: a: if c then a else { };
  concatMap = builtins.concatMap;
  concatMapStrings = f: l: builtins.concatStringsSep "" (map f l);
  splitString = sep: s:
    builtins.filter builtins.isString (builtins.split (quote sep) s);
  quote = builtins.replaceStrings [ "." "/" ] [ "\\." "/" ];
  stringToCharacters = s:
    builtins.genList (i: builtins.substring i 1 s) (builtins.stringLength s);
  hasPrefix = p: s: builtins.substring 0 (builtins.stringLength p) s == p;
  hasSuffix = p: s:
    let n = builtins.stringLength s; m = builtins.stringLength p;
    in n >= m && builtins.substring (n - m) m s == p;
  removePrefix = p: s:
    if hasPrefix p s then builtins.substring (builtins.stringLength p) (-1) s else s;
  removeSuffix = p: s:
    if hasSuffix p s
    then builtins.substring 0 (builtins.stringLength s - builtins.stringLength p) s
    else s;
  recurseIntoAttrs = a: a // { recurseForDerivations = true; };
  licenses = { isc = { }; bsd3 = { }; };
  platforms.linux = [ "x86_64-linux" ];
}
