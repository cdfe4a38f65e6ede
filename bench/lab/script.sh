# What orch.yml does, as one shell script: `ssh root@vm02 sh -s macvlan bridge < script.sh`. Prints changed=N.
set -eu
kind=$1 mode=$2 changed=0
did() { changed=$((changed + 1)); }

for ns in ns01 ns02; do
  [ -e "/run/netns/$ns" ] || { ip netns add "$ns"; did; }
done
while read -r dev ns; do
  ip -n "$ns" link show dev "$dev" up 2>/dev/null | grep -q . || {
    ip link add link ens34 name "$dev" netns "$ns" type "$kind" mode "$mode"
    ip -n "$ns" link set "$dev" up
    did
  }
done <<END
lab1 ns01
lab2 ns02
END
for ns in ns01 ns02; do
  ip -n "$ns" link show dev lo up | grep -q . || { ip -n "$ns" link set lo up; did; }
done
while read -r dev ns address; do
  ip -n "$ns" -o address show dev "$dev" | grep -q " $address " || { ip -n "$ns" address add "$address" dev "$dev"; did; }
done <<END
lab1 ns01 172.16.91.101/24
lab2 ns02 172.16.91.102/24
END
while read -r dev ns; do
  ip -n "$ns" route show default | grep -q "via 172.16.91.14 dev $dev onlink" || {
    ip -n "$ns" route add default via 172.16.91.14 dev "$dev" onlink
    did
  }
done <<END
lab1 ns01
lab2 ns02
END
ip link show dev lab0 up 2>/dev/null | grep -q . || {
  ip link add link ens34 name lab0 type "$kind" mode "$mode"
  ip link set lab0 up
  did
}
ip -o address show dev lab0 | grep -q ' 192.168.1.1/32 ' || { ip address add 192.168.1.1/32 dev lab0; did; }
for to in 172.16.91.101 172.16.91.102; do
  ip route show "$to" dev lab0 | grep -q . || { ip route add "$to" dev lab0; did; }
done
while read -r key value; do
  [ "$(cat "/proc/sys/net/ipv4/$key")" = "$value" ] || { echo "$value" > "/proc/sys/net/ipv4/$key"; did; }
done <<END
conf/ens34/rp_filter 2
ip_forward 1
END
echo "changed=$changed"
