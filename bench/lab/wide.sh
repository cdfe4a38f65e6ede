# What wide.yml does, with ip's batches: one for the host, one a namespace, since a batch stays in its namespace.
set -eu
count=200
{
  echo 'link add wide type bridge'
  echo 'link set wide up'
  n=1
  while [ $n -le $count ]; do
    echo "netns add w$n"
    echo "link add wide$n type veth peer name eth0 netns w$n"
    echo "link set wide$n master wide up"
    n=$((n + 1))
  done
} | ip -batch -
n=1
while [ $n -le $count ]; do
  ip -n "w$n" -batch - <<END
link set eth0 up
address add 10.92.0.$n/24 dev eth0
route add default via 10.92.0.254
END
  n=$((n + 1))
done
