#!/bin/sh
# The tutorial in one command: builds the gateway where it is not built, makes a key pair and tokens, starts the gateway on the
# three manifests with a mock of the LLM, and prints what to try. Runs until interrupted; leaves nothing behind.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
jar=$here/target/llm-gateway.jar
port=${PORT:-8080}

if [ ! -f "$jar" ]; then
  echo "building the gateway, which takes a few minutes the first time"
  (cd "$here/../.." && mvn -q -pl samples/llm-gateway -am package -DskipTests)
fi

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

# Step 5: a key pair, and a token for alice and one for bob.
java -jar "$jar" keys --out "$work/keys"
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

# Step 7: what to try, once the gateway serves.
java -XX:SharedArchiveFile="$here/target/llm-gateway.jsa" -jar "$jar" serve --file "$work/manifests" --port "$port" --admin-port 0 --mock-llm >"$work/out" &
gateway=$!
until grep -q '^ready ' "$work/out"; do
  kill -0 "$gateway" 2>/dev/null || { gateway=; echo "the gateway did not start" >&2; exit 1; }
  sleep 0.2
done
ready=$(grep '^ready ' "$work/out")
url=${ready#ready }/v1/chat/completions
chat="-H 'Content-Type: application/json' -d '{\"model\":\"gpt-4.1-nano\",\"messages\":[{\"role\":\"user\",\"content\":\"Hello\"}]}'"
echo "$ready"
echo
echo "Try, from another terminal: no token, alice's token, bob's token."
echo "curl -s $url $chat # expect 401"
echo "curl -s $url -H 'Authorization: Bearer $alice' $chat # expect 200"
echo "curl -s $url -H 'Authorization: Bearer $bob' $chat # expect 403"
wait "$gateway"
