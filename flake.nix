{
  description = "limen: small tools for people who develop router firmware";
  inputs.nixpkgs.url = "nixpkgs";
  outputs = { self, nixpkgs }:
    let
      systems = [ "x86_64-linux" "aarch64-linux" ];
      each = f: builtins.listToAttrs (map
        (system: { name = system; value = f nixpkgs.legacyPackages.${system}; })
        systems);
    in
    {
      packages = each (pkgs: removeAttrs (import ./. { inherit pkgs; }) [ "static" ]);
      devShells = each (pkgs: { default = import ./shell.nix { inherit pkgs; }; });
      overlays.default = import ./overlay.nix;
    };
}
