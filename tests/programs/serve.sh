#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# serve.sh nginx|openssl|postgres|sshd DIRECTORY [prepare]: this server, with its default settings, and with what it
# needs in that directory: keys, a database, a file. What is not there yet is made first; `prepare`: and no more.

server=$1 directory=$2 what=$3
mkdir -p "$directory/$server" && cd "$directory/$server" || exit
# PostgreSQL refuses to be root.
as=
[ "$(id -u)" = 0 ] && as='setpriv --reuid postgres --regid postgres --clear-groups'

case $server in
nginx)
	[ -e index.html ] || head -c 100000 /dev/zero >index.html
	cat >nginx.conf <<-END
		daemon off;
		error_log stderr;
		pid $PWD/nginx.pid;
		events {}
		http {
			access_log off;
			server { listen 8080; root $PWD; }
		}
	END
	set -- /usr/sbin/nginx -c "$PWD/nginx.conf"
	;;
openssl)
	[ -e key.pem ] || openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes \
		-keyout key.pem -out cert.pem -subj /CN=server 2>/dev/null
	set -- openssl s_server -accept 4433 -www -quiet -cert cert.pem -key key.pem
	;;
postgres)
	for each in /usr/lib/postgresql/*/bin; do
		binaries=$each
	done
	[ -e data ] || {
		[ -z "$as" ] || chown postgres .
		$as "$binaries/initdb" -D data -U postgres -A trust --no-sync >/dev/null
		echo 'host all all all trust' >>data/pg_hba.conf
	}
	# shellcheck disable=SC2086  # a command
	set -- $as "$binaries/postgres" -D data -c 'listen_addresses=*' -c unix_socket_directories=
	;;
sshd)
	[ -e id ] || {
		ssh-keygen -q -t ed25519 -N '' -f host
		ssh-keygen -q -t ed25519 -N '' -f id
		echo "server $(cat host.pub)" >known_hosts
	}
	[ "$what" = prepare ] || mkdir -p /run/sshd
	set -- /usr/sbin/sshd -D -e -f /dev/null -h "$PWD/host" -o "AuthorizedKeysFile=$PWD/id.pub" -o StrictModes=no
	;;
esac
[ "$what" = prepare ] || exec "$@"
