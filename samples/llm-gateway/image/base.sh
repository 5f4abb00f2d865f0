#!/bin/sh
# Makes a base image for Jib from this machine's JDK, where no registry can be reached: a Java runtime of the modules
# that the gateway needs, the C libraries that it loads, a user without rights. Usage: base.sh OUT.tar
set -eu
out=$(realpath -m "$1")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
root=$work/root
java_home=${JAVA_HOME:-$(dirname "$(dirname "$(realpath "$(command -v java)")")")}
mkdir -p "$root/opt" "$root/etc" "$root/tmp" "$root/usr/bin"
chmod 1777 "$root/tmp"
"$java_home/bin/jlink" --output "$root/opt/java" --strip-debug --no-header-files --no-man-pages --compress=2 \
    --add-modules java.base,java.logging,java.management,java.naming,java.net.http,java.security.sasl,java.sql,java.xml,jdk.crypto.ec,jdk.unsupported,jdk.management,jdk.jcmd
ln -s /opt/java/bin/java "$root/usr/bin/java"
find "$root/opt/java" -type f \( -name '*.so' -o -path '*/bin/*' \) -exec ldd {} + 2>/dev/null |
    grep -oE '/(usr/)?lib[^ ]*\.so[^ ]*' | grep -v "^$root" | sort -u | while read -r library; do
    [ -e "$library" ] || continue
    mkdir -p "$root$(dirname "$library")"
    cp -L "$library" "$root$library"
done
echo 'gatepost:x:65532:65532::/:/sbin/nologin' > "$root/etc/passwd"
echo 'gatepost:x:65532:' > "$root/etc/group"
tar -C "$root" --sort=name --owner=0 --group=0 --numeric-owner --mtime=@0 -cf "$work/layer.tar" .
layer=$(sha256sum "$work/layer.tar" | cut -d' ' -f1)
case $(uname -m) in aarch64) arch=arm64 ;; *) arch=amd64 ;; esac
cat > "$work/config.json" << JSON
{"architecture":"$arch","os":"linux","created":"1970-01-01T00:00:00Z","config":{"Env":["PATH=/usr/bin:/opt/java/bin","JAVA_HOME=/opt/java"]},"rootfs":{"type":"layers","diff_ids":["sha256:$layer"]},"history":[{"created":"1970-01-01T00:00:00Z","created_by":"image/base.sh"}]}
JSON
echo '[{"Config":"config.json","RepoTags":["gatepost/java:local"],"Layers":["layer.tar"]}]' > "$work/manifest.json"
mkdir -p "$(dirname "$out")"
tar -C "$work" -cf "$out" manifest.json config.json layer.tar
