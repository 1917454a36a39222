# Finds Java installations without starting one. Sourced by the launcher, by .ci/run and by the build's own scripts.

# The feature version of the Java in folder $1 (25 for 25.0.3, 8 for 1.8.0_452); fails where there is no Java.
java_feature() {
    local key value
    [ -x "$1/bin/java" ] && [ -r "$1/release" ] || return 1
    while IFS='=' read -r key value; do
        if [ "$key" = JAVA_VERSION ]; then
            value=${value//\"/}
            value=${value#1.}
            echo "${value%%[.\-+_]*}"
            return 0
        fi
    done <"$1/release"
    return 1
}

# Sets `found_java` to the newest Java of version $1 up to $2 ("" for no upper end); with $3 = jdk only where it has a
# compiler. JAVA_HOME and DEMUR_JAVA_HOME count like any other place, so that an old JAVA_HOME does no harm.
find_java() {
    local home feature best=0 on_path
    found_java=
    on_path=$(readlink -f "$(command -v java 2>/dev/null)" 2>/dev/null || true)
    for home in \
        "${DEMUR_JAVA_HOME:-}" "${JAVA_HOME:-}" "${on_path%/bin/java}" \
        /usr/lib/jvm/* /usr/lib64/jvm/* /usr/java/* /opt/java/* /opt/jdk* \
        "${HOME:-}"/.sdkman/candidates/java/* "${HOME:-}"/.jdks/* \
        /Library/Java/JavaVirtualMachines/*/Contents/Home \
        /opt/homebrew/opt/openjdk*/libexec/openjdk.jdk/Contents/Home \
        /usr/local/opt/openjdk*/libexec/openjdk.jdk/Contents/Home; do
        [ -n "$home" ] && feature=$(java_feature "$home") || continue
        [ "$feature" -ge "$1" ] && [ "$feature" -gt "$best" ] || continue
        [ -z "$2" ] || [ "$feature" -le "$2" ] || continue
        [ "${3:-}" != jdk ] || [ -x "$home/bin/javac" ] || continue
        found_java=$home
        best=$feature
    done
    [ -n "$found_java" ]
}
