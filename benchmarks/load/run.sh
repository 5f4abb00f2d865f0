#!/usr/bin/env bash
# Compares the sample gateway under load with what users would run instead, in one run on this machine; installs what it needs from Debian.
#   benchmarks/load/run.sh [--quick] [--peers NAME,...] [--out FILE]
set -euo pipefail
cd "$(dirname "$0")"
missing=()
for tool in wrk haproxy nginx; do command -v "$tool" >/dev/null || missing+=("$tool"); done
/usr/bin/python3 -c 'import jwcrypto' 2>/dev/null || missing+=(python3-jwcrypto)
if [ "${#missing[@]}" -gt 0 ]; then
  apt-get update -qq
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null
fi
jar=../../samples/llm-gateway/target/llm-gateway.jar
[ -f "$jar" ] || mvn -q -B -f ../../pom.xml -pl samples/llm-gateway -am -DskipTests -DskipChecks package
[ -f spring-cloud-gateway/target/spring-cloud-gateway.jar ] || mvn -q -B -f spring-cloud-gateway/pom.xml package
exec /usr/bin/python3 load.py "$@"
