#!/bin/sh
# The tutorial in one command: builds the gateway where it is not built, makes a key pair and tokens, starts the gateway on the
# three manifests with a mock of the LLM, and prints what to try. Runs until interrupted; leaves nothing behind but the build.
# Another port than 8080: PORT=8081 samples/llm-gateway/tutorial.sh
set -eu
here=$(cd "$(dirname "$0")" && pwd)
jar=$here/target/llm-gateway.jar
port=${PORT:-8080}

fail() {
  printf 'tutorial.sh: %s\n' "$1" >&2
  exit 1
}

# Before anything that takes its time: what is needed, and whether the port is free.
command -v java >/dev/null || fail "java is missing: install a JDK, version 17 or later"
release=$(java -version 2>&1 | sed -n 's/.* version "\([0-9]*\).*/\1/p' | head -n 1)
[ "${release:-0}" -ge 17 ] || fail "java is too old: it is version ${release:-unknown}, and 17 or later is needed"
command -v curl >/dev/null || fail "curl is missing: it is what the printed commands call"
[ -f "$jar" ] || command -v mvn >/dev/null || fail "mvn is missing: install Maven to build the gateway"
case $port in
  '' | *[!0-9]*) fail "PORT is \`$port\`: it must be a number" ;;
esac
# 7: nobody listens there. Anything else is an answer, or somebody who does not speak HTTP.
taken=0
curl -s -o /dev/null --max-time 2 --noproxy '*' "http://127.0.0.1:$port/" || taken=$?
[ "$taken" -eq 7 ] || fail "port $port is taken: choose another one, as in PORT=8081 samples/llm-gateway/tutorial.sh"

work=$(mktemp -d)
gateway=
finish() {
  trap - EXIT INT TERM
  if [ -n "$gateway" ]; then
    kill "$gateway" 2>/dev/null || true
    wait "$gateway" 2>/dev/null || true
  fi
  rm -rf "$work"
}
trap finish EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

if [ ! -f "$jar" ]; then
  echo "Building the gateway: a few minutes the first time, while Maven downloads what it needs."
  # Maven names each module that it comes to; the rest is for whoever looks for a mistake.
  (cd "$here/../.." && exec mvn -B -ntp -pl samples/llm-gateway -am package -DskipTests) >"$work/build" 2>&1 &
  gateway=$!
  shown=0
  goes=true
  while "$goes"; do
    sleep 1
    kill -0 "$gateway" 2>/dev/null || goes=false
    modules=$(sed -n 's/^\[INFO\] Building \(.*\) \[.*/\1/p' "$work/build")
    count=$(printf '%s' "$modules" | grep -c . || true)
    if [ "$count" -gt "$shown" ]; then
      printf '%s\n' "$modules" | tail -n +$((shown + 1)) | sed 's/^/  /'
      shown=$count
    fi
  done
  wait "$gateway" || {
    gateway=
    tail -n 30 "$work/build" >&2
    fail "the build failed: see above"
  }
  gateway=
fi

# Step 5: a key pair, and a token for alice and one for bob.
echo "Making a key pair, and tokens for alice and bob."
java -jar "$jar" keys --out "$work/keys" >/dev/null
alice=$(java -jar "$jar" token --issuer solo.io --subject alice --key "$work/keys/private.jwk")
bob=$(java -jar "$jar" token --issuer solo.io --subject bob --key "$work/keys/private.jwk")

# Steps 3, 4 and 6: the manifests, with the key set and an API key put in. The mock takes any key.
mkdir "$work/manifests"
JWKS=$(cat "$work/keys/jwks.json")
OPENAI_API_KEY=${OPENAI_API_KEY:-sk-mock}
for manifest in "$here"/manifests/*.yaml; do
  while IFS= read -r line || [ -n "$line" ]; do
    case $line in
      *'$JWKS'*) printf '%s%s%s\n' "${line%%'$JWKS'*}" "$JWKS" "${line#*'$JWKS'}" ;;
      *'$OPENAI_API_KEY'*) printf '%s%s%s\n' "${line%%'$OPENAI_API_KEY'*}" "$OPENAI_API_KEY" "${line#*'$OPENAI_API_KEY'}" ;;
      *) printf '%s\n' "$line" ;;
    esac
  done <"$manifest" >"$work/manifests/${manifest##*/}"
done

# Step 7: what to try, once the gateway serves. An archive of classes that does not fit is no matter here.
echo "Starting the gateway; its log goes to this terminal."
java -XX:SharedArchiveFile="$here/target/llm-gateway.jsa" -Xlog:disable -jar "$jar" serve \
  --file "$work/manifests" --port "$port" --admin-port 0 --mock-llm >"$work/out" &
gateway=$!
until grep -q '^ready ' "$work/out"; do
  kill -0 "$gateway" 2>/dev/null || { gateway=; fail "the gateway did not start: see above"; }
  sleep 0.2
done
ready=$(grep '^ready ' "$work/out")
url=${ready#ready }/v1/chat/completions
chat="-H 'Content-Type: application/json' -d '{\"model\":\"gpt-4.1-nano\",\"messages\":[{\"role\":\"user\",\"content\":\"Hello\"}]}'"
try="curl -s -w '\\n%{http_code}\\n' $url"
echo "$ready"
echo
echo "Try, from another terminal: no token, alice's token, bob's token. Each prints the answer, and the status below it."
printf '%s\n' "$try $chat # expect 401"
printf '%s\n' "$try -H 'Authorization: Bearer $alice' $chat # expect 200"
printf '%s\n' "$try -H 'Authorization: Bearer $bob' $chat # expect 403"
echo
echo "Ctrl-C ends the gateway."
wait "$gateway"
