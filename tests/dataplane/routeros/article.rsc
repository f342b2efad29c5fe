# 2026-01-27 10:00:00 by RouterOS 7.20.8
# software id = ABCD-1234
#
# model = RB5009UG+S+
/interface bridge
add name=bridge vlan-filtering=yes
/interface ethernet
set [ find default-name=ether8 ] name="ether8[Mirror]"
/interface pppoe-client
add add-default-route=yes disabled=no interface=ether1 name=pppoe-out1 user=\
    subscriber@isp.example
/interface wireguard
add listen-port=13233 mtu=1420 name=wg_home
add listen-port=13234 mtu=1420 name=wg_ivpn
/interface ethernet switch
set 0 mirror-egress-target="ether8[Mirror]"
/interface ethernet switch port
set 1 mirror-egress=yes mirror-ingress=yes
set 3 mirror-egress=yes mirror-ingress=yes
set 4 mirror-egress=yes mirror-ingress=yes
/interface list
add name=WAN
add name=LAN
/interface vlan
add interface=bridge name=vlan_MGMT vlan-id=10
add interface=bridge name=vlan_Services vlan-id=20
add interface=bridge name=vlan_DMZ vlan-id=30
add interface=bridge name=vlan_LAN vlan-id=40
add interface=bridge name=vlan_IoT vlan-id=50
/ip pool
add name=pool_MGMT ranges=192.168.10.100-192.168.10.199
add name=pool_Services ranges=192.168.20.100-192.168.20.199
add name=pool_LAN ranges=192.168.40.100-192.168.40.199
add name=pool_IoT ranges=192.168.50.10-192.168.50.250
/ip dhcp-server
add address-pool=pool_MGMT interface=vlan_MGMT name=dhcp_MGMT
add address-pool=pool_Services interface=vlan_Services name=dhcp_Services
add address-pool=pool_LAN interface=vlan_LAN name=dhcp_LAN
add address-pool=pool_IoT interface=vlan_IoT name=dhcp_IoT
/routing table
add disabled=no fib name=tbl_vpn
/interface bridge port
add bridge=bridge frame-types=admit-only-vlan-tagged interface=ether2
add bridge=bridge frame-types=admit-only-untagged-and-priority-tagged \
    interface=ether4 pvid=40
add bridge=bridge frame-types=admit-only-untagged-and-priority-tagged \
    interface=ether5 pvid=50
/interface bridge vlan
add bridge=bridge tagged=bridge,ether2 vlan-ids=10
add bridge=bridge tagged=bridge,ether2 vlan-ids=20
add bridge=bridge tagged=bridge,ether2 vlan-ids=30
add bridge=bridge tagged=bridge untagged=ether4 vlan-ids=40
add bridge=bridge tagged=bridge untagged=ether5 vlan-ids=50
/interface list member
add interface=pppoe-out1 list=WAN
add interface=vlan_MGMT list=LAN
add interface=vlan_Services list=LAN
add interface=vlan_DMZ list=LAN
add interface=vlan_LAN list=LAN
add interface=vlan_IoT list=LAN
/interface wireguard peers
add allowed-address=10.8.0.2/32 interface=wg_home public-key=\
    "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="
add allowed-address=0.0.0.0/0 endpoint-address=198.51.100.10 endpoint-port=\
    2049 interface=wg_ivpn public-key=\
    "BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBB="
/ip address
add address=192.168.10.1/24 interface=vlan_MGMT network=192.168.10.0
add address=192.168.20.1/24 interface=vlan_Services network=192.168.20.0
add address=192.168.30.1/24 interface=vlan_DMZ network=192.168.30.0
add address=192.168.40.1/24 interface=vlan_LAN network=192.168.40.0
add address=192.168.50.1/24 interface=vlan_IoT network=192.168.50.0
add address=10.8.0.1/24 interface=wg_home network=10.8.0.0
add address=172.16.99.2/32 interface=wg_ivpn network=172.16.99.2
/ip cloud
set ddns-enabled=yes
/ip dhcp-server network
add address=192.168.10.0/24 dns-server=192.168.20.53 gateway=192.168.10.1
add address=192.168.20.0/24 dns-server=192.168.20.53 gateway=192.168.20.1
add address=192.168.40.0/24 dns-server=192.168.20.53 gateway=192.168.40.1
add address=192.168.50.0/24 dns-server=192.168.20.53 gateway=192.168.50.1
/ip firewall address-list
add address=173.245.48.0/20 list=CLOUDFLARE
add address=103.21.244.0/22 list=CLOUDFLARE
add address=103.22.200.0/22 list=CLOUDFLARE
add address=103.31.4.0/22 list=CLOUDFLARE
add address=141.101.64.0/18 list=CLOUDFLARE
add address=108.162.192.0/18 list=CLOUDFLARE
add address=190.93.240.0/20 list=CLOUDFLARE
add address=188.114.96.0/20 list=CLOUDFLARE
add address=197.234.240.0/22 list=CLOUDFLARE
add address=198.41.128.0/17 list=CLOUDFLARE
add address=162.158.0.0/15 list=CLOUDFLARE
add address=104.16.0.0/13 list=CLOUDFLARE
add address=104.24.0.0/14 list=CLOUDFLARE
add address=172.64.0.0/13 list=CLOUDFLARE
add address=131.0.72.0/22 list=CLOUDFLARE
add address=192.168.30.5 list=DMZ_REV_PROXY
add address=192.168.30.0/24 list=DMZ_RANGE
add address=192.168.20.5 list=DMZ_ALLOWED_SERVICES
add address=192.168.20.53 list=DNS_SERVER
add address=192.168.20.0/24 list=INTERNAL_SERVICES_RANGE
add address=192.168.10.0/24 list=MGMT_RANGE
add address=192.168.40.0/24 list=LAN_RANGE
add address=192.168.50.0/24 list=IOT_RANGE
add address=10.8.0.0/24 list=VPN_INTERNAL
add address=192.168.20.66 list=VPN_EXTERNAL
add address=10.0.0.0/8 list=RFC1918_Networks
add address=172.16.0.0/12 list=RFC1918_Networks
add address=192.168.0.0/16 list=RFC1918_Networks
/ip firewall filter
add action=accept chain=input comment=replies connection-state=\
    established,related,untracked
add action=drop chain=forward comment="home vpn" disabled=yes \
    out-interface-list=LAN src-address-list=back-to-home-lan-restricted-peers
add action=accept chain=input comment="home vpn" dst-port=13233 protocol=udp
add action=drop chain=input comment="invalid from wan" connection-state=\
    invalid in-interface=pppoe-out1
add action=drop chain=input comment="rest from wan" in-interface=pppoe-out1
add action=accept chain=forward comment=replies connection-state=\
    established,related
add action=drop chain=forward comment=invalid connection-state=invalid
add action=accept chain=forward comment="cloudflare to proxy" \
    dst-address-list=DMZ_REV_PROXY dst-port=443 in-interface=pppoe-out1 \
    protocol=tcp src-address-list=CLOUDFLARE
add action=drop chain=forward comment="rest from wan" in-interface=pppoe-out1
add action=accept chain=forward comment="resolver out" out-interface=\
    pppoe-out1 protocol=tcp src-address=192.168.20.53
add action=accept chain=forward dst-port=53,853,443 out-interface=pppoe-out1 \
    protocol=udp src-address=192.168.20.53
add action=accept chain=forward comment="lan out" dst-port=80,443,25,587,993 \
    out-interface=pppoe-out1 protocol=tcp src-address-list=LAN_RANGE
add action=accept chain=forward comment="lan voice" dst-port=50000-65535 \
    out-interface=pppoe-out1 protocol=udp src-address-list=LAN_RANGE
add action=accept chain=forward comment="lan ping" out-interface=pppoe-out1 \
    protocol=icmp src-address-list=LAN_RANGE
add action=accept chain=forward comment="iot dns" dst-address-list=DNS_SERVER \
    src-address-list=IOT_RANGE
add action=accept chain=forward comment="iot out" out-interface=pppoe-out1 \
    src-address-list=IOT_RANGE
add action=drop chain=forward comment="iot rest" src-address-list=IOT_RANGE
add action=accept chain=forward comment="services dns" dst-address-list=\
    DNS_SERVER src-address-list=INTERNAL_SERVICES_RANGE
add action=accept chain=forward comment="services out" connection-state=new \
    log=yes out-interface=pppoe-out1 src-address-list=INTERNAL_SERVICES_RANGE
add action=accept chain=forward comment="services out by vpn" \
    connection-state=new log=yes out-interface=wg_ivpn src-address-list=\
    INTERNAL_SERVICES_RANGE
add action=drop chain=forward comment="services rest" src-address-list=\
    INTERNAL_SERVICES_RANGE
add action=accept chain=forward comment="dmz to services" dst-address-list=\
    DMZ_ALLOWED_SERVICES protocol=tcp src-address-list=DMZ_RANGE
add action=drop chain=forward comment="dmz rest" src-address-list=DMZ_RANGE
add action=drop chain=forward comment="lan to dmz" dst-address-list=DMZ_RANGE \
    src-address-list=LAN_RANGE
add action=drop chain=forward comment="vpn to dmz" dst-address-list=DMZ_RANGE \
    src-address-list=VPN_INTERNAL
add action=accept chain=forward comment="vpn to services" dst-address-list=\
    INTERNAL_SERVICES_RANGE in-interface=wg_home src-address-list=VPN_INTERNAL
add action=accept chain=forward comment="vpn to mgmt" dst-address-list=\
    MGMT_RANGE in-interface=wg_home src-address-list=VPN_INTERNAL
add action=accept chain=forward comment="vpn out" out-interface=pppoe-out1 \
    src-address-list=VPN_INTERNAL
add action=accept chain=forward comment="mgmt dns" dst-address-list=\
    DNS_SERVER src-address-list=MGMT_RANGE
add action=accept chain=forward comment="mgmt out" out-interface=pppoe-out1 \
    src-address-list=MGMT_RANGE
add action=reject chain=forward comment="rest to wan" out-interface=\
    pppoe-out1 reject-with=icmp-network-unreachable
/ip firewall mangle
add action=mark-routing chain=prerouting dst-address-list=!RFC1918_Networks \
    new-routing-mark=tbl_vpn src-address-list=VPN_EXTERNAL
add action=mark-connection chain=prerouting dst-address-list=\
    !RFC1918_Networks new-connection-mark=tbl_ivpn src-address-list=\
    VPN_EXTERNAL
add action=change-mss chain=forward connection-mark=tbl_ivpn new-mss=\
    clamp-to-pmtu out-interface=wg_ivpn protocol=tcp tcp-flags=syn
/ip firewall nat
add action=masquerade chain=srcnat out-interface=pppoe-out1
add action=masquerade chain=srcnat comment="vpn exit" out-interface=wg_ivpn \
    src-address-list=VPN_EXTERNAL
add action=dst-nat chain=dstnat comment="https in" dst-port=443 in-interface=\
    pppoe-out1 protocol=tcp src-address-list=CLOUDFLARE to-addresses=\
    192.168.30.5
/ip route
add check-gateway=none disabled=no distance=1 dst-address=0.0.0.0/0 gateway=\
    wg_ivpn routing-table=tbl_vpn scope=30 suppress-hw-offload=no \
    target-scope=10
