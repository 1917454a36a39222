#include "grammar.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "internal.h"

/* llama.cpp walks through rules and groups recursively; these keep it within the stack of any thread. */
enum { MOST_BYTES = 64 * 1024, MOST_SYMBOLS = 2000, MOST_DEPTH = 64 };

typedef struct name {
    const char *text;
    size_t length;
} name;

typedef struct rule {
    name name;
    bool nullable; /* may match nothing, as far as is known */
    int state;     /* of the search for left recursion: 0 new, 1 under way, 2 done */
} rule;

/* A rule's name within another rule. */
typedef struct use {
    name name;
    int line;
    size_t owner;
    size_t rule;  /* from the second pass on */
    bool leading; /* everything before it in its owner may be empty */
} use;

/* The grammar is read several times: first for its names, then until it is known which rules may be empty. */
typedef struct parser {
    const char *at;
    int line;
    int depth;
    int symbols;  /* rules, groups and repetitions */
    bool leading; /* everything before the sequence in hand may be empty */
    bool names_known;
    rule *rules;
    size_t rule_count;
    use *uses;
    size_t use_count;
    char *error;
    bool failed;
} parser;

static bool fail(parser *parser, const char *what) {
    if (!parser->failed) {
        parser->failed = true;
        demur_fail(parser->error, DEMUR_ERROR_ARGUMENT, "The grammar is not valid in line %d: %s.", parser->line, what);
    }
    return false;
}

static bool word_character(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-';
}

static void skip_space(parser *parser, bool across_lines) {
    for (;; parser->at++) {
        if (*parser->at == '#') {
            parser->at += strcspn(parser->at, "\r\n");
        }
        bool line_end = *parser->at == '\n' || *parser->at == '\r';
        if (line_end ? !across_lines : *parser->at != ' ' && *parser->at != '\t') {
            return;
        }
        parser->line += *parser->at == '\n';
    }
}

static bool count_symbols(parser *parser, int count) {
    parser->symbols += count;
    return parser->symbols <= MOST_SYMBOLS || fail(parser, "it has too many rules, groups and repetitions");
}

static name read_name(parser *parser) {
    name name = {parser->at, 0};
    while (word_character(*parser->at)) {
        parser->at++;
    }
    name.length = (size_t)(parser->at - name.text);
    return name;
}

static bool read_hexadecimal(parser *parser, int digits) {
    uint32_t value = 0;
    for (int i = 0; i < digits; i++, parser->at++) {
        char c = *parser->at;
        const char *digits_in_order = "0123456789abcdef0123456789ABCDEF";
        const char *digit = c != '\0' ? strchr(digits_in_order, c) : NULL;
        if (digit == NULL) {
            return fail(parser, "a hexadecimal digit is missing after a backslash");
        }
        value = value << 4 | (uint32_t)((digit - digits_in_order) % 16);
    }
    return (value > 0 && value <= 0x10FFFF) || fail(parser, "an escape is no character");
}

/* One character of a literal or a class. */
static bool read_character(parser *parser) {
    const unsigned char first = (unsigned char)*parser->at;
    if (first == '\0' || first == '\n') {
        return fail(parser, "a literal or a character class does not end");
    }
    if (first == '\\') {
        char escape = *++parser->at;
        if (escape == '\0' || strchr("xuUtrn\\\"[]", escape) == NULL) {
            return fail(parser, "there is an unknown escape");
        }
        parser->at++;
        return escape == 'x'   ? read_hexadecimal(parser, 2)
               : escape == 'u' ? read_hexadecimal(parser, 4)
               : escape == 'U' ? read_hexadecimal(parser, 8)
                               : true;
    }
    if (first >= 0x80 && (first < 0xC2 || first > 0xF4)) {
        return fail(parser, "it is no UTF-8");
    }
    int following = (first >= 0xC2) + (first >= 0xE0) + (first >= 0xF0);
    parser->at++;
    for (; following > 0; following--, parser->at++) {
        if (((unsigned char)*parser->at & 0xC0) != 0x80) {
            return fail(parser, "it is no UTF-8");
        }
    }
    return true;
}

static bool read_literal(parser *parser, bool *empty) {
    parser->at++;
    *empty = *parser->at == '"';
    while (*parser->at != '"') {
        if (!read_character(parser)) {
            return false;
        }
    }
    parser->at++;
    return true;
}

static bool read_class(parser *parser) {
    parser->at += parser->at[1] == '^' ? 2 : 1;
    if (*parser->at == ']') {
        return fail(parser, "a character class is empty");
    }
    while (*parser->at != ']') {
        if (!read_character(parser)) {
            return false;
        }
        if (parser->at[0] == '-' && parser->at[1] != ']') {
            parser->at++;
            if (!read_character(parser)) {
                return false;
            }
        }
    }
    parser->at++;
    return true;
}

/* A number, or -1 without one; at most MOST_SYMBOLS + 1. */
static int read_number(parser *parser) {
    int value = -1;
    while (*parser->at >= '0' && *parser->at <= '9') {
        value = (value < 0 ? 0 : value) * 10 + (*parser->at++ - '0');
        value = value > MOST_SYMBOLS ? MOST_SYMBOLS + 1 : value;
    }
    return value;
}

/* {3} {3,} {3,5}, at the brace; `most` is -1 without an end. */
static bool read_bounds(parser *parser, int *least, int *most) {
    parser->at++;
    skip_space(parser, false);
    *least = *most = read_number(parser);
    skip_space(parser, false);
    if (*least < 0) {
        return fail(parser, "a number is missing after {");
    }
    if (*parser->at == ',') {
        parser->at++;
        skip_space(parser, false);
        *most = read_number(parser);
        skip_space(parser, false);
    }
    if (*parser->at != '}') {
        return fail(parser, "a } is missing");
    }
    parser->at++;
    if (*most >= 0 && (*most < *least || *most == 0)) {
        return fail(parser, "a repetition's largest number is smaller than its least, or 0");
    }
    return count_symbols(parser, *most > *least ? *most : *least);
}

/* * + ? or {...}, behind something that may or may not be empty. */
static bool read_repetition(parser *parser, bool *empty) {
    int least = *parser->at == '+' ? 1 : 0, most = *parser->at == '?' ? 1 : -1;
    if (*parser->at == '{') {
        if (!read_bounds(parser, &least, &most)) {
            return false;
        }
    } else {
        parser->at++;
        if (!count_symbols(parser, 1)) {
            return false;
        }
    }
    if (most < 0 && *empty) {
        return fail(parser, "something that may be empty is repeated without end");
    }
    *empty |= least == 0;
    return true;
}

static bool read_alternatives(parser *parser, bool nested, bool *empty);

static bool read_group(parser *parser, bool *empty) {
    if (++parser->depth > MOST_DEPTH) {
        return fail(parser, "its groups are nested too deeply");
    }
    parser->at++;
    skip_space(parser, true);
    if (!count_symbols(parser, 1) || !read_alternatives(parser, true, empty)) {
        return false;
    }
    if (*parser->at != ')') {
        return fail(parser, "a ) is missing");
    }
    parser->at++;
    parser->depth--;
    return true;
}

static void read_use(parser *parser, bool *empty) {
    use *use = &parser->uses[parser->use_count++];
    use->line = parser->line;
    use->name = read_name(parser);
    use->owner = parser->rule_count - 1;
    use->leading = parser->leading;
    *empty = parser->names_known && parser->rules[use->rule].nullable;
}

static bool repeats(char c) { return c != '\0' && strchr("*+?{", c) != NULL; }

/* One element and the repetition behind it; `none` where the sequence ends. */
static bool read_element(parser *parser, bool nested, bool *empty, bool *none) {
    const char c = *parser->at;
    *none = false;
    *empty = false;
    bool good = true;
    if (c == '"') {
        good = read_literal(parser, empty);
    } else if (c == '[') {
        good = read_class(parser);
    } else if (c == '(') {
        good = read_group(parser, empty);
    } else if (c == '.') {
        parser->at++;
    } else if (word_character(c)) {
        read_use(parser, empty);
    } else if (repeats(c)) {
        return fail(parser, "there is nothing to repeat");
    } else {
        *none = true;
        return true;
    }
    if (!good) {
        return false;
    }
    const bool literal_without_text = c == '"' && *empty;
    skip_space(parser, nested);
    if (repeats(*parser->at) && !literal_without_text) {
        good = read_repetition(parser, empty);
        skip_space(parser, nested);
        /* llama.cpp would take a second one; what that means differs between releases: it is nothing to repeat. */
    }
    return good;
}

static bool read_sequence(parser *parser, bool nested, bool *empty) {
    const bool leading = parser->leading;
    *empty = true;
    for (bool none = false; !none;) {
        bool element_empty;
        parser->leading = leading && *empty;
        if (!read_element(parser, nested, &element_empty, &none)) {
            return false;
        }
        *empty = *empty && (none || element_empty);
    }
    parser->leading = leading;
    return true;
}

static bool read_alternatives(parser *parser, bool nested, bool *empty) {
    *empty = false;
    for (;;) {
        bool sequence_empty;
        if (!read_sequence(parser, nested, &sequence_empty)) {
            return false;
        }
        *empty |= sequence_empty;
        if (*parser->at != '|') {
            return true;
        }
        parser->at++;
        skip_space(parser, true);
    }
}

static bool read_rule(parser *parser, bool *changed) {
    const name name = read_name(parser);
    skip_space(parser, false);
    if (name.length == 0 || strncmp(parser->at, "::=", 3) != 0) {
        return fail(parser, "a rule must begin with its name and ::=");
    }
    if (!count_symbols(parser, 1)) {
        return false;
    }
    rule *rule = &parser->rules[parser->rule_count++];
    rule->name = name;
    parser->at += 3;
    parser->leading = true;
    skip_space(parser, true);
    bool empty;
    if (!read_alternatives(parser, false, &empty)) {
        return false;
    }
    if (*parser->at != '\0' && *parser->at != '\n' && *parser->at != '\r') {
        return fail(parser, "there is a character that belongs to no rule");
    }
    *changed |= empty && !rule->nullable;
    rule->nullable |= empty;
    skip_space(parser, true);
    return true;
}

static bool read_rules(parser *parser, const char *grammar, bool *changed) {
    *changed = false;
    parser->at = grammar;
    parser->line = 1;
    parser->symbols = 0;
    parser->rule_count = 0;
    parser->use_count = 0;
    skip_space(parser, true);
    while (*parser->at != '\0') {
        if (!read_rule(parser, changed)) {
            return false;
        }
    }
    return true;
}

/* Where a rule of this name stands first, or rule_count. */
static size_t find_rule(const parser *parser, name name) {
    size_t i = 0;
    while (i < parser->rule_count && (parser->rules[i].name.length != name.length ||
                                      memcmp(parser->rules[i].name.text, name.text, name.length) != 0)) {
        i++;
    }
    return i;
}

static bool resolve_names(parser *parser, const char *root) {
    for (size_t i = 0; i < parser->rule_count; i++) {
        if (find_rule(parser, parser->rules[i].name) != i) {
            return fail(parser, "it defines a rule twice");
        }
    }
    for (size_t i = 0; i < parser->use_count; i++) {
        parser->uses[i].rule = find_rule(parser, parser->uses[i].name);
        if (parser->uses[i].rule == parser->rule_count) {
            parser->line = parser->uses[i].line;
            return fail(parser, "it uses a rule that is defined nowhere");
        }
    }
    parser->names_known = true;
    return find_rule(parser, (name){root, strlen(root)}) < parser->rule_count ||
           fail(parser, "it does not define the rule to begin with");
}

/* Follows what a rule can begin with; false where that leads back to a rule under way. */
static bool ends_somewhere(parser *parser, size_t rule) {
    if (parser->rules[rule].state != 0) {
        return parser->rules[rule].state == 2;
    }
    parser->rules[rule].state = 1;
    for (size_t i = 0; i < parser->use_count; i++) {
        if (parser->uses[i].owner == rule && parser->uses[i].leading && !ends_somewhere(parser, parser->uses[i].rule)) {
            parser->line = parser->failed ? parser->line : parser->uses[i].line;
            return fail(parser, "a rule can begin with itself");
        }
    }
    parser->rules[rule].state = 2;
    return true;
}

static bool read_grammar(parser *parser, const char *grammar, const char *root) {
    bool changed;
    if (!read_rules(parser, grammar, &changed) || !resolve_names(parser, root)) {
        return false;
    }
    do {
        if (!read_rules(parser, grammar, &changed)) {
            return false;
        }
    } while (changed);
    for (size_t i = 0; i < parser->rule_count; i++) {
        if (!ends_somewhere(parser, i)) {
            return false;
        }
    }
    return true;
}

int32_t demur_grammar_check(const char *grammar, const char *root, char *error) {
    size_t bytes = strlen(grammar);
    if (bytes > MOST_BYTES) {
        return demur_fail(error, DEMUR_ERROR_ARGUMENT, "The grammar has %zu bytes; %d are the most.", bytes,
                          MOST_BYTES);
    }
    parser parser = {.error = error};
    parser.rules = calloc(MOST_SYMBOLS, sizeof *parser.rules);
    parser.uses = calloc(bytes / 2 + 1, sizeof *parser.uses); /* names are parted by something */
    int32_t status = DEMUR_OK;
    if (parser.rules == NULL || parser.uses == NULL) {
        status = demur_fail(error, DEMUR_ERROR_MEMORY, "Out of memory.");
    } else if (!read_grammar(&parser, grammar, root)) {
        status = DEMUR_ERROR_ARGUMENT;
    }
    free(parser.rules);
    free(parser.uses);
    return status;
}
