#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-or-later
#
# packaging/deb.sh BUILD VERSION: make BUILD/tcplab_VERSION_ARCHITECTURE.deb of what is built there.
#
# It is what `make install` installs, below /usr. dpkg-shlibdeps knows which packages the program is
# linked with; those of the libraries that it loads when it needs them are found by their files.

set -e
build=$1 version=$2
root=$(mktemp -d)
trap 'rm -rf "$root"' EXIT
package=$root/package
architecture=$(dpkg --print-architecture)

for program in dpkg-deb dpkg-shlibdeps; do
	command -v "$program" >/dev/null || {
		echo "deb.sh: $program is missing; it comes with the packages dpkg and dpkg-dev" >&2
		exit 3
	}
done

make --no-print-directory -s install DESTDIR="$package" PREFIX=/usr BUILD="$build"
gzip -9n "$package/usr/share/man/man1/tcplab.1"
strip "$package/usr/bin/tcplab" "$package/usr/lib/tcplab/preload.so"

# It needs a debian/control, whose content does not matter.
linked() {
	mkdir -p "$root/debian"
	printf 'Source: tcplab\n\nPackage: tcplab\nArchitecture: any\n' >"$root/debian/control"
	(cd "$root" && dpkg-shlibdeps -O package/usr/bin/tcplab package/usr/lib/tcplab/preload.so) |
		sed 's/^shlibs:Depends=//'
}

# The package that has the library NAME, by the link that its -dev package has for the linker.
loaded() {
	for name in libpcap libnftables libnl-nf-3; do
		file=$(readlink -f "$(gcc -print-file-name="$name.so")")
		dpkg-query -S "*/${file##*/}" | sed 's/:.*//'
	done | sort -u | tr '\n' ' '
}

depends=$(linked)
for library in $(loaded); do
	depends="$depends, $library"
done

mkdir "$package/DEBIAN"
cat >"$package/DEBIAN/control" <<END
Package: tcplab
Version: $version
Architecture: $architecture
Maintainer: The tcplab project <tcplab@localhost>
Installed-Size: $(du -sk "$package/usr" | cut -f 1)
Depends: $depends
Recommends: gcc, make, flex, bison, bc, xz-utils
Section: net
Priority: optional
Description: laboratory for the failures of TCP
 Runs scenarios of TCP's failures by name, between network namespaces of its
 own, on the running kernel or on another one in virtual time, and checks each
 errno, each packet, the sockets' states and the timing.
 .
 What is recommended builds other kernels to run on.
END
dpkg-deb --root-owner-group --build "$package" "$build/tcplab_${version}_$architecture.deb"
