# Words in which labs of test/e2e/healthy and test/e2e/noisy are told. All is made in network namespaces of the host.
set -e

# ns NAME...: namespaces whose lo is up, with nothing filtered by the way back, and with addresses that are usable at once.
ns() {
  for name; do
    ip netns add "$name"
    ip -n "$name" link set lo up
    set_in "$name" net.ipv4.conf.all.rp_filter=0 net.ipv4.conf.default.rp_filter=0
    set_in "$name" net.ipv6.conf.all.accept_dad=0 net.ipv6.conf.default.accept_dad=0
  done
}

# set_in NS KEY=VALUE...: kernel parameters.
set_in() {
  in_ns=$1
  shift
  ip netns exec "$in_ns" sysctl -qw "$@"
}

# router NAME...: namespaces that forward.
router() {
  ns "$@"
  for name; do set_in "$name" net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1; done
}

# cable NS DEV NS DEV: a veth pair, up.
cable() {
  ip link add "$2" netns "$1" type veth peer name "$4" netns "$3"
  ip -n "$1" link set dev "$2" up
  ip -n "$3" link set dev "$4" up
}

# addr NS DEV ADDRESS...
addr() {
  at_ns=$1 at_dev=$2
  shift 2
  for address; do ip -n "$at_ns" address add "$address" dev "$at_dev"; done
}

# route NS ROUTE: as ip route add has it.
route() {
  at_ns=$1
  shift
  ip -n "$at_ns" -4 route add "$@"
}

# route6 NS ROUTE
route6() {
  at_ns=$1
  shift
  ip -n "$at_ns" -6 route add "$@"
}

# switch NS BRIDGE [OPTION...]: a bridge in a namespace of its own.
switch() {
  ns "$1"
  switch_ns=$1 bridge=$2
  shift 2
  ip -n "$switch_ns" link add "$bridge" type bridge "$@"
  ip -n "$switch_ns" link set dev "$bridge" up
}

# plug NS DEV SWITCH-NS PORT: a device on the bridge of a switch.
plug() {
  cable "$1" "$2" "$3" "$4"
  ip -n "$3" link set dev "$4" master "$bridge"
}

# serve NS tcp|udp PORT [ADDRESS]: a service that answers.
serve() {
  serve_ns=$1
  shift
  ip netns exec "$serve_ns" "$node" "$traffic" serve "$@" </dev/null >/dev/null 2>&1 &
  for _ in $(seq 300); do
    ip netns exec "$serve_ns" ss -Hln --"$1" | grep -q ":$2 " && return
    sleep 0.1
  done
  echo "nothing listens on $1 port $2 of $serve_ns" >&2
  return 1
}

# filter NS RULES: rules of nft.
filter() { printf '%s\n' "$2" | ip netns exec "$1" nft -f -; }
