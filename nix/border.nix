# A NixOS module: a border VM that runs limen's tools as services, with the
# options that Liminix describes for it. Build such a system and boot it by
#
#	run-border-vm --system $(nix-build '<nixpkgs/nixos>' -A system \
#	    -I nixos-config=./my-border.nix)
#
# where my-border.nix imports this file and sets bordervm.*; the card and the
# ports of the host are run-border-vm's affair, in border.conf: the text that
# fits these options is the file /etc/border.conf of the system, in
# config.bordervm.borderConf.
{ config, lib, pkgs, ... }:
let
  cfg = config.bordervm;
  inherit (lib) mkOption mkEnableOption types optionalString;
  limen = import ../. { inherit pkgs; };
  relay = "${limen.pppoe-l2tp-relay}/bin/pppoe-l2tp-relay packet:eth1 ${cfg.l2tp.host}:${toString cfg.l2tp.port}";
  bng = "${limen.bng}/bin/bng --access packet:eth1 --dns ${cfg.dns}";
  service = exec: {
    wantedBy = [ "multi-user.target" ];
    after = [ "network-online.target" ];
    wants = [ "network-online.target" ];
    # for as long as a USB adapter is plugged out, too
    unitConfig.StartLimitIntervalSec = 0;
    serviceConfig = { ExecStart = exec; Restart = "always"; RestartSec = 1; };
  };
  hex = s: lib.removePrefix "0x" s;
in
{
  options.bordervm = {
    keys = mkOption {
      description = "public keys that may log in by ssh as liminix";
      type = types.listOf types.str;
      default = [ ];
    };
    dns = mkOption {
      description = "the name server told to routers";
      type = types.str;
      default = "10.0.2.3";
    };
    l2tp = {
      host = mkOption {
        description = "the LNS that PPPoE goes on to; null: PPPoE ends in bng here";
        type = types.nullOr types.str;
        default = null;
        example = "l2tp.example.org";
      };
      port = mkOption {
        description = "its UDP port";
        type = types.port;
        default = 1701;
      };
    };
    ethernet = {
      pci = {
        enable = mkEnableOption "a PCI card for eth1";
        id = mkOption {
          description = "its address, as lspci shows it";
          type = types.str;
          example = "04:00.0";
        };
      };
      usb = {
        enable = mkEnableOption "a USB adapter for eth1";
        vendor = mkOption { type = types.str; example = "0x0bda"; description = "its vendor, as lsusb shows it"; };
        product = mkOption { type = types.str; example = "0x8153"; description = "its product"; };
      };
    };
    borderConf = mkOption {
      description = "what run-border-vm needs to know for this system";
      type = types.lines;
      readOnly = true;
    };
  };

  config = {
    bordervm.borderConf =
      optionalString cfg.ethernet.pci.enable "pci = ${cfg.ethernet.pci.id}\n"
      + optionalString cfg.ethernet.usb.enable
        "usb = ${hex cfg.ethernet.usb.vendor}:${hex cfg.ethernet.usb.product}\n"
      + optionalString (cfg.l2tp.host != null)
        "lns = ${cfg.l2tp.host}:${toString cfg.l2tp.port}\n"
      + lib.concatMapStrings (k: "key = ${k}\n") cfg.keys;
    environment.etc."border.conf".text = cfg.borderConf;
    environment.systemPackages = [ limen.tufted limen.pppoe-l2tp-relay limen.bng pkgs.tcpdump pkgs.socat ];

    # the only user but root whom its home, which is 0700, is open to
    systemd.services.tufted = service "${limen.tufted}/bin/tufted --user liminix /home/liminix/liminix";
    systemd.services.pppoe = service (if cfg.l2tp.host != null then relay else bng);
    services.openssh.enable = true;
    services.dnsmasq = {
      enable = true;
      resolveLocalQueries = false;
      settings = {
        interface = "eth1";
        dhcp-range = [ "10.0.0.12,10.0.0.240" ];
      };
    };
    boot.initrd.availableKernelModules = [ "virtio_pci" "virtio_net" "virtio_blk" "9p" "9pnet_virtio" "xhci_pci" ];
    fileSystems = {
      "/" = { device = "tmpfs"; fsType = "tmpfs"; options = [ "mode=0755" ]; };
      "/nix/store" = {
        device = "nix-store";
        fsType = "9p";
        neededForBoot = true;
        options = [ "ro" "trans=virtio" "version=9p2000.L" "msize=512000" "cache=loose" ];
      };
      "/home/liminix/liminix" = {
        device = "liminix";
        fsType = "9p";
        options = [ "trans=virtio" "version=9p2000.L" "msize=512000" "nofail" ];
      };
    };
    boot.loader.grub.enable = false;
    networking = {
      hostName = "border";
      usePredictableInterfaceNames = false;
      firewall.enable = false;
      interfaces.eth1 = {
        useDHCP = false;
        ipv4.addresses = [{ address = "10.0.0.1"; prefixLength = 24; }];
      };
      nat = {
        enable = true;
        internalInterfaces = [ "eth1" ];
        externalInterface = "eth0";
      };
    };
    security.sudo.wheelNeedsPassword = false;
    users.users.liminix = {
      isNormalUser = true;
      uid = 1000;
      extraGroups = [ "wheel" ];
      openssh.authorizedKeys.keys = cfg.keys;
    };
    services.getty.autologinUser = "liminix";
  };
}
