#!/usr/bin/env bash
# The published artifacts as a stranger meets them: deploys them to a folder, and lets two projects without our parent use what is there.
# plain/ imports the BOM and runs the README's example. shaded/ has the relocated CEL jar beside protobuf-java 3.25.5 and Guava 20.
# Needs nothing but a JDK and Maven. Leaves in samples/outside/target: repository, as a registry would have
# it; local, Maven's cache for it; published, the list of modules.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
root=$(cd "$here/../.." && pwd)
work=$here/target
repository=$work/repository
maven=(mvn --batch-mode --no-transfer-progress)

fail() {
  echo "run.sh: $1" >&2
  exit 1
}
# expect LINE... -- COMMAND...: the command must print the lines.
expect() {
  local lines=() line printed
  while [ "$1" != -- ]; do
    lines+=("$1")
    shift
  done
  shift
  printed=$("$@") || fail "failed: $*"
  echo "$printed"
  for line in "${lines[@]}"; do grep -qxF -- "$line" <<<"$printed" || fail "expected: $line"; done
}
# fence LANGUAGE WORD: the first block of README.md in that language that has the word.
fence() {
  awk -v start="\`\`\`$1" -v word="$2" '
    $0 == "```" && inside { inside = 0; if (index(block, word)) { printf "%s", block; exit } }
    inside { block = block $0 "\n" }
    $0 == start { inside = 1; block = "" }' "$root/README.md" | grep . || fail "README.md has no $1 with $2"
}
flat() { tr -d ' \n' <"$1"; }
# quoted PAGE: each block of XML in the page is in one of the projects, whatever its indentation.
quoted() {
  local block
  while IFS= read -r block; do
    cat "$here"/*/pom*.xml | tr -d ' \n' | grep -qF -- "$block" || fail "$1 shows what no project here has: $block"
  done < <(awk '$0 == "```" && inside { inside = 0; print block } inside { gsub(/ /, ""); block = block $0 } $0 == "```xml" { inside = 1; block = "" }' "$1")
}

rm -rf "$work" "$here"/*/target
mkdir -p "$work/local/io"

# With the usual local repository: another one would change the class paths, and all would be compiled again.
echo "-- publish to $repository"
(echo . && sed -n 's/^    <module>\(.*\)<\/module>$/\1/p' "$root/pom.xml" | grep -v -e ^samples/ -e ^benchmarks$) | paste -sd, >"$work/published"
(cd "$root" && "${maven[@]}" -q -P release -Dgpg.skip -Dmaven.test.skip -DskipChecks -pl "$(cat "$work/published")" \
  verify deploy:deploy -DaltDeploymentRepository="outside::file://$repository")
in_bom=$(sed -n 's/.*<artifactId>\(gatepost-.*\)<\/artifactId>.*/\1/p' "$root/bom/pom.xml" | grep -v -e '-parent$' -e '-bom$' | sort -u)
in_repository=$(ls "$repository/io/gatepost" | grep -v -e '-parent$' -e '-bom$')
[ "$in_bom" = "$in_repository" ] || fail "the BOM names $(echo $in_bom), published are $(echo $in_repository)"

# A local repository that knows nothing of Gatepost, and has of other libraries what the usual one has.
usual=${MAVEN_REPO_LOCAL:-$HOME/.m2/repository}
for each in "$usual"/* "$usual"/io/*; do
  name=${each#"$usual"/}
  [ -d "$each" ] && [ "$name" != io ] && [ "$name" != io/gatepost ] && ln -s "$each" "$work/local/$name"
done
maven+=(-q "-Dmaven.repo.local=$work/local")
to_class_path=(dependency:build-classpath -Dmdep.outputFile=target/class-path)

echo "-- plain: the README's example"
quoted "$root/docs/releases.md"
mkdir -p "$here/plain/target/readme"
fence java "class Example" >"$here/plain/target/readme/Example.java"
fence yaml "kind: TrafficPolicy" >"$here/plain/target/policy.yaml"
fence xml gatepost-policy-cel | grep -v '<version>' >"$here/plain/target/dependency.xml"
flat "$here/plain/pom.xml" | grep -qF -- "$(flat "$here/plain/target/dependency.xml")" || fail "plain/pom.xml has not the README's dependency"
(
  cd "$here/plain"
  "${maven[@]}" compile "${to_class_path[@]}"
  example=(java -cp "target/classes:$(cat target/class-path)" Example target/policy.yaml)
  expect "go on, without the credential" -- "${example[@]}" "$(java Token.java alice@example.com)"
  expect "403 RULE_NOT_MATCHED" -- "${example[@]}" "$(java Token.java bob@example.org)"
)

echo "-- shaded: beside protobuf-java 3.25.5 and Guava 20"
(
  cd "$here/shaded"
  "${maven[@]}" compile "${to_class_path[@]}"
  class_path=$(cat target/class-path)
  for jar in protobuf-java-3.25.5.jar guava-20.0.jar; do [[ $class_path == */$jar* ]] || fail "no $jar on the class path"; done
  for path in dev/cel org/antlr re2j protobuf-java-4; do [[ $class_path != */$path* ]] || fail "$path is on the class path"; done
  "${maven[@]}" -f pom-without-bom.xml dependency:build-classpath -Dmdep.outputFile=target/without-bom
  [ "$(cat target/without-bom)" = "$class_path" ] || fail "pom-without-bom.xml leads to another class path: $(cat target/without-bom)"
  expect "protobuf 3 and Guava 20" "red allowed" "blue denied: RULE_NOT_MATCHED" -- java -cp "target/classes:$class_path" Beside
)
