#!/bin/sh
# Makes a testbed host one that the playbooks beside this file can be played on, without any network: packages whose programs
# do what the playbooks look at and no more, a web server that has them and other files, and a systemctl that keeps count.
# apt, dpkg, sshd, sudo, cron tables, accounts, nft and sysctl are the host's own. It acts on the host that it is run on.
set -eu
mirror=/srv/mirror
work=$(mktemp -d)
mkdir -p $mirror/debian $mirror/files $mirror/keys

# file PATH [MODE]: a file of the package at hand, from standard input.
file() {
  mkdir -p "$tree${1%/*}"
  cat >"$tree$1"
  chmod "${2:-644}" "$tree$1"
}
# unit NAME: a service that runs until it is stopped.
unit() {
  file "/usr/lib/systemd/system/$1.service" <<END
[Unit]
Description=$1 of the mirror
[Service]
ExecStart=/bin/sleep infinity
ExecReload=/bin/true
[Install]
WantedBy=multi-user.target
END
}
# begin NAME [VERSION]; what follows until `end` is its content.
begin() {
  name=$1 version=${2:-1.0-1} tree=$work/$1
  rm -rf "$tree"
  mkdir -p "$tree/DEBIAN"
}
end() {
  cat >"$tree/DEBIAN/control" <<END
Package: $name
Version: $version
Architecture: all
Maintainer: nobody <nobody@mirror.lab>
Description: what the playbooks look at of $name
END
  (cd "$tree" && find etc -type f 2>/dev/null | sed 's,^,/,' >DEBIAN/conffiles) || true
  [ -s "$tree/DEBIAN/conffiles" ] || rm -f "$tree/DEBIAN/conffiles"
  dpkg-deb --build --root-owner-group -Znone "$tree" "$mirror/debian/${name}_$version.deb" >/dev/null
}
empty() {
  for one; do
    begin "$one"
    end
  done
}

empty logrotate apt-transport-https unattended-upgrades frr-pythontools socat conntrack ethtool docker-compose-plugin

begin cron
file /usr/bin/crontab 755 <<'END'
#!/bin/sh
user=root
[ "${1:-}" = -u ] && user=$2 && shift 2
table=/var/spool/cron/crontabs/$user
mkdir -p -m 1730 /var/spool/cron/crontabs
case "${1:-}" in
-l) [ -e "$table" ] || { echo "no crontab for $user" >&2; exit 1; }; cat "$table" ;;
-r) rm -f "$table" ;;
-) cat >"$table" ;;
*) cat "$1" >"$table" ;;
esac
END
unit cron
end

begin nginx 1.26.3-3
file /usr/sbin/nginx 755 <<'END'
#!/bin/sh
conf=/etc/nginx/nginx.conf
while [ $# -gt 0 ]; do [ "$1" = -c ] && conf=$2; shift; done
if ! grep -q '^events' "$conf"; then
  echo 'nginx: [emerg] no "events" section in configuration' >&2
  exit 1
fi
echo "nginx: the configuration file $conf syntax is ok" >&2
echo "nginx: configuration file $conf test is successful" >&2
END
file /etc/nginx/nginx.conf <<'END'
events { }
END
file /etc/nginx/mime.types <<'END'
types {
    text/html html htm;
    font/woff2 woff2;
}
END
file /etc/nginx/fastcgi_params <<'END'
fastcgi_param  QUERY_STRING       $query_string;
fastcgi_param  REDIRECT_STATUS    100;
END
file /etc/nginx/sites-available/default <<'END'
server { listen 80 default_server; }
END
mkdir -p "$tree/etc/nginx/sites-enabled"
ln -s ../sites-available/default "$tree/etc/nginx/sites-enabled/default"
unit nginx
end

begin fail2ban
file /etc/fail2ban/fail2ban.d/README <<'END'
Settings of the host's own.
END
unit fail2ban
end

begin auditd
file /etc/audit/auditd.conf <<'END'
log_file = /var/log/audit/audit.log
END
unit auditd
end

begin docker-ce 5:27.1.1-1
unit docker
file /DEBIAN/postinst 755 <<'END'
#!/bin/sh
getent group docker >/dev/null || groupadd --system docker
END
end

begin docker-ce-cli 5:27.1.1-1
file /usr/bin/docker 755 <<'END'
#!/bin/sh
state=/var/lib/docker-of-the-mirror
mkdir -p $state/networks $state/volumes $state/images $state/containers
touch $state/networks/bridge
services() { sed -n '/^services:/,/^[a-rt-z]/s/^  \([a-z]*\):$/\1/p' compose.yml; }
project=${PWD##*/}
case "$1 ${2:-}" in
'network ls') ls $state/networks ;;
'volume ls') ls $state/volumes ;;
'network create' | 'volume create') touch "$state/${1}s/$3"; echo "$3" ;;
'version '*) echo 27.1.1 ;;
'ps '*) for one in "$state"/containers/*; do [ -e "$one" ] && printf '{"Names":"%s","State":"running"}\n' "${one##*/}"; done ;;
'pull '*)
  image=$state/images/$(echo "$2" | tr / _)
  [ -e "$image" ] && echo "Status: Image is up to date for $2" || echo "Status: Downloaded newer image for $2"
  touch "$image"
  ;;
'compose config') grep -q '^services:' compose.yml ;;
'compose up')
  for one in $(services); do
    [ -e "$state/containers/$project-$one-1" ] && what=Running || what=Started
    touch "$state/containers/$project-$one-1"
    echo " Container $project-$one-1  $what" >&2
  done
  ;;
'compose ps') cd $state/containers && ls -d "$project"-* | sed "s/^$project-//; s/-1\$//" ;;
'compose restart') ;;
*) echo "docker: '$*' is not of the mirror" >&2; exit 1 ;;
esac
END
end

begin containerd.io 1.7.20-1
file /usr/bin/containerd 755 <<'END'
#!/bin/sh
echo 'version = 2'
END
file /usr/bin/ctr 755 <<'END'
#!/bin/sh
echo 'Server: 1.7.20'
END
unit containerd
end

begin chrony 4.6.1-3
mkdir -p "$tree/etc/chrony/conf.d"
file /etc/chrony/chrony.conf <<'END'
confdir /etc/chrony/conf.d
END
unit chrony
end

for version in 1.31.2-1.1 1.32.0-1.1; do
  begin kubelet $version
  unit kubelet
  end

  begin kubeadm $version
  file /usr/bin/kubeadm 755 <<'END'
#!/bin/sh
told() { echo "{\"name\": \"$1\"}" >/srv/mirror/node.json; touch /etc/kubernetes/kubelet.conf; }
case "$1 ${2:-}" in
'config images') echo '[config/images] Pulled registry.k8s.io/pause:3.10' ;;
'init '*)
  told "$(sed -n 's/^  name: //p' "$3")"
  cat >/etc/kubernetes/admin.conf <<ADMIN
clusters:
- name: lab
  cluster: { server: "https://172.16.91.10:6443" }
ADMIN
  echo 'Your Kubernetes control-plane has initialized successfully!'
  ;;
'join '*) while [ "$1" != --node-name ]; do shift; done; told "$2"; echo 'This node has joined the cluster' ;;
'token create') echo 'kubeadm join 172.16.91.10:6443 --token abcdef.0123456789abcdef --discovery-token-ca-cert-hash sha256:0123' ;;
'certs check-expiration') echo 'admin.conf  364d  ca  no' ;;
*) exit 1 ;;
esac
END
  end

  begin kubectl $version
  file /usr/bin/kubectl 755 <<'END'
#!/usr/bin/python3
import json, os, sys, urllib.request
labels = '/var/lib/kubectl-of-the-mirror'
words = sys.argv[1:]
def nodes():
    for address in ('172.16.91.10', '172.16.91.14'):
        try:
            yield json.load(urllib.request.urlopen(f'http://{address}/node.json', timeout=5))['name']
        except OSError:
            pass
def labels_of(node):
    folder = os.path.join(labels, node)
    return {key: open(os.path.join(folder, key)).read() for key in sorted(os.listdir(folder))} if os.path.isdir(folder) else {}
if words[0] == 'completion':
    print('# completion')
elif words[:2] == ['get', '--raw=/readyz']:
    print('ok', end='')
elif words == ['get', 'nodes', '-o', 'name']:
    for name in nodes():
        print('node/' + name)
elif words == ['get', 'nodes', '-o', 'json']:
    print(json.dumps({'items': [{'metadata': {'name': name, 'labels': labels_of(name)}} for name in nodes()]}))
elif words[:2] == ['get', 'pods']:
    print('coredns-1 1/1 Running 0 1d')
    print('etcd-vm01 1/1 Running 0 1d')
elif words[0] == 'label':
    key, value = words[3].split('=')
    os.makedirs(os.path.join(labels, words[2]), exist_ok=True)
    open(os.path.join(labels, words[2], key), 'w').write(value)
    print(f'node/{words[2]} labeled')
elif words[0] == 'apply':
    print('thing created')
else:
    sys.exit(f'kubectl: {words} is not of the mirror')
END
  end
done

begin frr 10.1.2-1
file /DEBIAN/postinst 755 <<'END'
#!/bin/sh
for group in frr frrvty; do getent group $group >/dev/null || groupadd --system $group; done
getent passwd frr >/dev/null || useradd --system --gid frr --no-create-home frr
END
file /etc/frr/daemons <<'END'
bgpd=no
ospfd=no
bfdd=no
staticd=no
vtysh_enable=yes
zebra_options="  -A 127.0.0.1"
bgpd_options="   -A 127.0.0.1"
END
file /usr/bin/vtysh 755 <<'END'
#!/bin/sh
case "$*" in
"-C -f "*) grep -q '^router bgp' "$3" ;;
"-c show version") echo 'FRRouting 10.1.2 (router) on Linux.' ;;
"-c show running-config") cat /etc/frr/frr.conf ;;
"-c show bgp summary json")
  sed -n 's/^ neighbor \([0-9.]*\) remote-as.*/"\1": {}/p' /etc/frr/frr.conf | paste -sd, | sed 's/.*/{"ipv4Unicast": {"peers": {&}}}/'
  ;;
*) exit 1 ;;
esac
END
unit frr
end

(cd $mirror/debian && dpkg-scanpackages -m . >Packages 2>/dev/null)

printf 'parameters of the key exchange\n' >$mirror/files/dhparam.pem
printf '{"status": "ok", "checks": ["disk", "network"]}\n' >$mirror/files/health.json
for name in registry.crt flannel.yml metrics.yml; do echo "# $name" >$mirror/files/$name; done
for name in docker kubernetes frr; do echo "key of $name" >$mirror/keys/$name.asc; done
# archive FILE PROGRAM...: programs that say their version.
archive() {
  to=$1
  shift
  rm -rf "$work/archive" && mkdir "$work/archive"
  for program; do
    printf '#!/bin/sh\necho %s\n' "$program ${to#*-}" >"$work/archive/$program"
    chmod 755 "$work/archive/$program"
  done
  tar -C "$work/archive" --owner=0 --group=0 --sort=name --mtime=@0 -czf "$mirror/files/$to" "$@"
}
archive ctop-1.0.tar.gz ctop
archive dive-0.12.tar.gz dive
archive cni-plugins-1.5.1.tgz bridge host-local loopback portmap
archive monitor-1.2.0.tar.gz monitor
rm -rf "$work"

echo '127.0.0.2 mirror.lab' >>/etc/hosts
rm -f /etc/apt/sources.list.d/* /var/lib/apt/lists/*_* /var/cache/apt/*.bin
# Old enough for cache_valid_time.
rm -rf /var/lib/apt/periodic
touch -d '2 days ago' /var/lib/apt/lists
echo 'Acquire::EnableSrvRecords "false";' >/etc/apt/apt.conf.d/99mirror
echo 'deb [trusted=yes] http://mirror.lab/debian ./' >/etc/apt/sources.list.d/mirror.list
setsid python3 -m http.server --bind 0.0.0.0 --directory $mirror 80 </dev/null >/dev/null 2>&1 &
mkdir -p /run/systemd/system

cat >/usr/local/sbin/modprobe <<'END'
#!/bin/sh
echo "modprobe: $1 is part of the kernel"
END
chmod 755 /usr/local/sbin/modprobe

# The machine's swap is none of a testbed host's business.
for name in swapon swapoff; do
  printf '#!/bin/sh\n' >/usr/local/sbin/$name
  chmod 755 /usr/local/sbin/$name
done

# systemd's own systemctl does all that is done by files; what runs is a note in /run, since the host's first process is no systemd.
mv /usr/bin/systemctl /usr/bin/systemctl.systemd
cat >/usr/bin/systemctl <<'END'
#!/bin/sh
run=/run/units
mkdir -p $run
words= quiet=
while [ $# -gt 0 ]; do
  case "$1" in
  --system | --no-pager | --no-block | --) ;;
  --quiet | -q) quiet=1 ;;
  --type | --property | -p) shift ;;
  -*) ;;
  *) words="$words $1" ;;
  esac
  shift
done
set -- $words
verb=${1:-list-units}
[ $# -gt 0 ] && shift
of_files() { SYSTEMD_OFFLINE=1 /usr/bin/systemctl.systemd --root=/ "$@"; }
full() { case "$1" in *.*) echo "$1" ;; *) echo "$1.service" ;; esac }
path_of() { ls /etc/systemd/system/"$1" /run/systemd/system/"$1" /usr/lib/systemd/system/"$1" 2>/dev/null | head -1; }
active() { [ -e "$run/$1" ] && echo active || echo inactive; }
need() { [ -n "$(path_of "$1")" ] || { echo "Failed to $verb $1: Unit $1 not found." >&2; exit 5; }; }
case "$verb" in
daemon-reload | daemon-reexec) ;;
list-unit-files) of_files list-unit-files --no-pager --no-legend "$@" | grep -F .service ;;
list-units)
  for one in "$run"/*.service; do
    [ -e "$one" ] && echo "${one##*/} loaded active running a unit"
  done
  exit 0
  ;;
show)
  unit=$(full "$1")
  path=$(path_of "$unit")
  load=loaded
  [ -n "$path" ] || load=not-found
  [ "$(readlink "$path")" = /dev/null ] && load=masked
  now=$(active "$unit")
  [ "$now" = active ] && sub=running || sub=dead
  printf '%s\n' "Id=$unit" "LoadState=$load" "ActiveState=$now" "SubState=$sub" "FragmentPath=$path"
  ;;
is-active) active "$(full "$1")"; [ -e "$run/$(full "$1")" ] || exit 3 ;;
is-enabled)
  [ -n "$(path_of "$(full "$1")")" ] || { echo not-found; exit 4; }
  of_files is-enabled "$@"
  ;;
enable | disable | mask | unmask) of_files --quiet "$verb" "$@" ;;
start | restart | reload | stop)
  for one; do
    unit=$(full "$one")
    need "$unit"
    echo "$verb $unit" >>$run.log
    if [ "$verb" = stop ]; then rm -f "$run/$unit"; else touch "$run/$unit"; fi
  done
  ;;
*) echo "systemctl $verb: not of this host" >&2; exit 1 ;;
esac
END
chmod 755 /usr/bin/systemctl
# What other Debian hosts have.
mkdir -p /etc/modprobe.d /etc/iproute2/rt_tables.d
printf '#!/bin/sh\n' >/etc/crontab
[ -e /etc/motd ] || : >/etc/motd

