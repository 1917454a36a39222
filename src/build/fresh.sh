# Whether ./demur has to build. Sourced by the launcher and by the script that builds for it.

# target/app appears in one piece, and the time of its file `complete` is when its build began. $1 is the checkout. Of
# src/build only the scripts count that make a part of target/app: those of releases, other systems and tests do not.
up_to_date() {
    [ -f "$1/target/app/complete" ] && [ -z "$(find "$1/pom.xml" "$1/src/main" "$1/native/src" "$1/native/include" \
        "$1/native/CMakeLists.txt" "$1"/src/build/{assemble,begin,fresh-cache,jdk.sh,keep-times,native} \
        -newer "$1/target/app/complete" -print -quit)" ]
}
