#!/bin/sh
# What the playbooks can change on a host, as lines that are the same for the same state.
set -u
folders='/etc /home /opt /srv/www /root /usr/local/bin /usr/local/sbin /usr/local/share /usr/share/keyrings /var/cache/nginx /var/log/nginx /var/backups /var/spool/cron'
# Left out: what differs by the time of day, and what belongs to whoever is connected.
leave='-name *.log -o -name *~ -o -name .ansible -o -path /root/registered.json -o -name .cache -o -name ld.so.cache -o -path /etc/testbed'
set -f
find $folders \( $leave \) -prune -o -printf '%p %y %m %u %g %l\n' 2>/dev/null | sort
# Keys and what is signed by them are new each time.
find $folders \( $leave \) -prune -o -type f ! -path '/etc/ssl/sites/*' ! -path '/etc/ssh/keys/*' ! -path '*lab-authority*' \
  ! -path '/etc/ssl/certs/*' ! -name 'shadow*' -print 2>/dev/null | sort | tr '\n' '\0' | xargs -0 sha256sum
set +f
# The login of the testbed has a password of its own.
grep -v '^lab:' /etc/shadow | cut -d: -f1-2,4-
dpkg-query -W -f '${Package} ${Version} ${Status}\n'
apt-mark showhold
for name in net.ipv4.ip_forward net.ipv4.conf.all.rp_filter net.ipv4.conf.lo.rp_filter net.ipv4.tcp_syncookies net.ipv4.conf.all.accept_redirects; do
  sysctl "$name"
done
ip -br address show | sed 's/@[^ ]*//; s/fe80[^ ]*//'
nft list ruleset
ls /run/units 2>/dev/null || true
