import { network } from './plan.ts';

/*
 * The shell scripts that hosts start with. What differs between hosts comes in as arguments or from /etc/testbed/host.
 */

const path = 'export PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/** Ends the boot of every host, whatever makes it: network as in the seed, user lab, sshd. Runs as pid 1. */
export const bootScript = `#!/bin/sh
${path}
. /etc/testbed/host
cd /
hostname "$NAME"
ip link set lo up
for link in /sys/class/net/e*; do
  [ "\${link##*/}" = ${network.link} ] || ip link set "\${link##*/}" name ${network.link}
done
[ -e /sys/class/net/${network.link} ] || { echo 'no network device'; exit 1; }
cd /proc/sys/net/ipv4
echo 0 > ip_forward
# What the seed's hosts had: strict, by both of the values that Linux combines.
for scope in all default ${network.link}; do echo 1 > "conf/$scope/rp_filter"; done
cd /
ip -batch - <<END
address add $ADDRESS/24 dev ${network.link}
link set ${network.link} up
route add default via ${network.gateway}
END
grep -q '^lab:' /etc/passwd || useradd --create-home --shell /bin/bash lab
printf 'lab:%s\\n' "$LAB_PASSWORD" | chpasswd
mkdir -p /run/sshd
# A test may kill sshd; pid 1 must outlive it. Waiting, the shell also reaps orphans.
while :; do
  /usr/sbin/sshd -D -e -f /etc/testbed/sshd_config
  sleep 1
done
`;

export const sshdConfig = `HostKey /etc/testbed/ssh_host_ed25519_key
AuthorizedKeysFile /etc/testbed/authorized_keys
PermitRootLogin prohibit-password
UsePAM yes
PrintMotd no
PrintLastLog no
Subsystem sftp internal-sftp
`;

/** Runs in the gateway's fresh network namespace, then becomes the command given. */
export const netnsGatewayScript = `${path}
set -e
echo 0 > /proc/sys/net/ipv4/ip_forward
ip -batch - <<END
link set lo up
link add name br0 type bridge
address add ${network.gateway}/24 dev br0
link set br0 up
END
exec "$@"
`;

/**
 * Runs in a host's fresh namespaces. Arguments: pid of the gateway, host's name, MAC, an empty directory, seed.
 * The host sees the machine's own files under a layer of memory: it may write anywhere and nothing stays.
 */
export const netnsHostScript = `${path}
set -e
gateway=/proc/$1/ns/net name=$2 mac=$3 root=$4 seed=$5
# A namespace that was just killed may still hold its end of the link.
nsenter --net="$gateway" ip link delete "$name" 2>/dev/null || true
ip link add name ${network.link} address "$mac" type veth peer name "$name" netns "$gateway"
nsenter --net="$gateway" ip link set "$name" master br0 up

mount -t tmpfs -o mode=755 tmpfs "$root"
cd "$root"
mkdir upper work merged
mount -t overlay -o "lowerdir=/,upperdir=upper,workdir=work" overlay merged
tar --extract --preserve-permissions --file "$seed" --directory merged
cd merged
mount -t proc proc proc
mount -t sysfs sysfs sys
mount -t tracefs tracefs sys/kernel/tracing 2>/dev/null || true
mount --rbind /dev dev
mount -t tmpfs -o mode=755 tmpfs run
mount -t tmpfs -o mode=1777 tmpfs tmp
# Root's own shell start-up files are no part of a fresh host.
mount -t tmpfs -o mode=700 tmpfs root
mkdir -p var/lib/orch
mount -t tmpfs -o mode=700 tmpfs var/lib/orch
pivot_root . mnt
umount --lazy /mnt
exec /etc/testbed/boot
`;

/** The init of a VM, in its image: mounts what a booting system does, takes its seed, then boots like any host. */
export const vmInitScript = `#!/bin/sh
${path}
mount -t proc proc /proc
mount -t sysfs sysfs /sys
mount -t devtmpfs devtmpfs /dev
mkdir -p /dev/pts /dev/shm
mount -t devpts -o mode=620,gid=5,ptmxmode=666 devpts /dev/pts
mount -t tmpfs -o mode=1777 tmpfs /dev/shm
mount -t tmpfs -o mode=755 tmpfs /run
mount -t tmpfs -o mode=1777 tmpfs /tmp
mount -t tracefs tracefs /sys/kernel/tracing
ln -s /proc/self/fd /dev/fd
# The kernel loads its module when it is opened.
mkdir -p /dev/net && mknod -m 600 /dev/net/tun c 10 200
# Built into some of the kernels; 6.1 has all as modules.
modprobe -a qemu_fw_cfg virtio_pci virtio_net
tar --extract --preserve-permissions --directory / < /sys/firmware/qemu_fw_cfg/by_name/opt/orch.testbed/raw
exec /etc/testbed/boot
`;

/** The same for a VM whose pid 1 is systemd: it boots like any host, as a service. */
export const vmSystemdScript = vmInitScript.replace(
  'exec /etc/testbed/boot',
  `units=/etc/systemd/system
cat > $units/testbed.service <<END
[Unit]
DefaultDependencies=no
Wants=network.target
Before=network.target
[Service]
ExecStart=/etc/testbed/boot
END
mkdir -p $units/sysinit.target.wants
ln -sf ../testbed.service $units/sysinit.target.wants/
# Consoles would wait for udev; the other sshd takes /run/sshd along when it fails.
for unit in getty.target ssh.service ssh.socket; do ln -sf /dev/null $units/$unit; done
ln -sf /usr/lib/systemd/system/multi-user.target $units/default.target
exec /usr/lib/systemd/systemd`,
);
