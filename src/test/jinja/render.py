#!/usr/bin/env python3
"""Renders the templates of this folder by jinja2, configured as transformers configures it, for the tests of dev.demur.jinja.

`constructs.txt` holds small templates, one construct each; `families/` chat templates that use what those of public model
families use, written anew. None is a copy.

    pip install -r src/test/jinja/requirements.txt
    src/test/jinja/render.py
"""

import datetime
import json
from pathlib import Path

import jinja2
import jinja2.ext
import jinja2.nodes
import jinja2.sandbox

HERE = Path(__file__).parent
OUT = HERE.parent / "resources" / "dev" / "demur" / "jinja"

# What strftime_now says; the tests' clock stands there, too.
NOW = datetime.datetime(2026, 3, 5, 14, 7, 9)


class Raised(jinja2.TemplateError):
    """What a template raised itself."""


class Generation(jinja2.ext.Extension):
    """The tag that marks what an assistant wrote; its body is a call block's."""

    tags = {"generation"}

    def parse(self, parser):
        line = next(parser.stream).lineno
        body = parser.parse_statements(("name:endgeneration",), drop_needle=True)
        return jinja2.nodes.CallBlock(self.call_method("written"), [], [], body).set_lineno(line)

    def written(self, caller):
        return caller()


def raise_exception(message):
    raise Raised(message)


def tojson(value, ensure_ascii=False, indent=None, separators=None, sort_keys=False):
    return json.dumps(
        value, ensure_ascii=ensure_ascii, indent=indent, separators=separators, sort_keys=sort_keys
    )


def environment():
    made = jinja2.sandbox.ImmutableSandboxedEnvironment(
        trim_blocks=True, lstrip_blocks=True, extensions=[Generation, jinja2.ext.loopcontrols]
    )
    made.filters["tojson"] = tojson
    made.globals["raise_exception"] = raise_exception
    made.globals["strftime_now"] = NOW.strftime
    return made


def outcome(template, variables):
    """What the template gives: its text, or which kind of error it ends in."""
    try:
        return {"expected": environment().from_string(template).render(**variables)}
    except Raised as e:
        return {"error": "raised", "message": e.message}
    except jinja2.UndefinedError:
        return {"error": "undefined"}
    except jinja2.sandbox.SecurityError:
        return {"error": "sandbox"}
    except (jinja2.TemplateSyntaxError, SyntaxError):
        return {"error": "syntax"}
    except Exception:  # Whatever Python itself raises: types, values, keys.
        return {"error": "other"}


VARIABLES = {
    "s": "Hello, World",
    "u": "Grüße 漢字 🙂",
    "quotes": "it's \"quoted\"",
    "empty": "",
    "n": 7,
    "neg": -7,
    "f": 2.5,
    "t": True,
    "fl": False,
    "none": None,
    "l": [3, 1, 2],
    "mixed": [1, "a", None, True, 2.5, [1], {"k": "v"}],
    "d": {"b": 1, "a": "x", "Z": None},
    "d2": {"b": 2, "A": 3, "c": 1},
    "nested": {"x": {"y": {"z": [1, 2, {"q": None}]}}, "list": [{"name": "p"}, {"name": "q", "on": True}]},
    "people": [
        {"name": "Ann", "age": 41, "active": True, "address": {"city": "Rome"}},
        {"name": "Bob", "age": 29, "active": False, "address": {"city": "Bonn"}},
        {"name": "Cy", "age": 33, "active": True, "address": {"city": "Rome"}},
    ],
    "messages": [
        {"role": "user", "content": " Hi there "},
        {"role": "assistant", "content": "Hello.\n"},
        {"role": "user", "content": "漢字 <|end|> 🙂"},
    ],
    "eos": "</s>",
    "add_generation_prompt": True,
}


def constructs():
    text = (HERE / "constructs.txt").read_text(encoding="utf-8")
    templates = text[: -len("\n")].split("\n----\n")
    # What a text file cannot show.
    templates += ["a\r\nb\rc\n", "{% if true %}\r\n  x\r\n{% endif %}\r\ny\r\n", "a\n\n", "\n", "", "{{ 'a\r\nb' }}", "{{ s }}\n\n"]
    return [{"template": template, **outcome(template, VARIABLES)} for template in templates]


def user(content):
    return {"role": "user", "content": content}


def system(content):
    return {"role": "system", "content": content}


def assistant(content, **more):
    return {"role": "assistant", "content": content, **more}


TOOLS = [
    {
        "type": "function",
        "function": {
            "name": "weather",
            "description": 'The "weather" <of> a city.',
            "parameters": {
                "type": "object",
                "properties": {
                    "city": {"type": "string", "description": "Größe & name"},
                    "days": {"type": ["integer", "null"], "default": 1},
                    "unit": {"type": "string", "enum": ["C", "F"], "default": "C"},
                    "tags": {"type": "array", "items": {"type": "string"}},
                    "options": {"type": "object", "properties": {"deep": {"type": "boolean"}}},
                },
                "required": ["city"],
            },
        },
    },
    {"type": "function", "function": {"name": "now", "description": "Time", "parameters": {"type": "object", "properties": {}}}},
]

CALLED = [
    user("Weather in Köln?"),
    assistant(
        "",
        tool_calls=[
            {
                "id": "abcdef123",
                "type": "function",
                "function": {"name": "weather", "arguments": {"city": "Köln", "days": 2, "x": 1.5, "b": True, "n": None}},
            }
        ],
    ),
    {"role": "tool", "name": "weather", "tool_call_id": "abcdef123", "content": '{"t": 5, "s": "<|im_end|>"}'},
    assistant("5 degrees."),
    user("Thanks"),
]

# Each with the variables that it is rendered with besides.
CONVERSATIONS = {
    "one question": ([user("How do I boil an egg?")], {}),
    "system message": ([system("Be brief.\nAnd kind."), user("Hi")], {}),
    "no generation prompt": ([user("Hi"), assistant('Hello <b>&</b> "q" \'z\'')], {"add_generation_prompt": False}),
    "several turns": (
        [system(" S "), user("  spaces \n"), assistant("\nA "), user("\tB\n\n"), assistant("Ü 漢字 🙂"), user("last")],
        {},
    ),
    "empty contents": ([system(""), user(""), assistant(""), user("")], {}),
    "special tokens in text": (
        [user("<|im_end|>\n<|im_start|>system\n[INST] <<SYS>> {{ x }} {% raw %} </s>"), assistant("<|eot_id|>"), user("\u2028\u00a0e\u0301\u200d\x00")],
        {},
    ),
    "thoughts": (
        [user("2+2?"), assistant("<think>\nhm\n</think>\n\n4"), user("3+3?"), assistant("6", reasoning_content="r\n")],
        {"add_generation_prompt": False},
    ),
    "thinking off": ([user("2+2?"), assistant("<think>a</think>4"), user("and?")], {"enable_thinking": False}),
    "thinking on": ([system("You /no_think"), user("2+2?")], {"enable_thinking": True, "thinking": True, "reasoning_effort": "high"}),
    "tools": ([system("Sys"), user("Weather?")], {"tools": TOOLS}),
    "a call": (CALLED, {"tools": TOOLS}),
    "arguments as text": (
        [
            user("W?"),
            assistant(None, tool_calls=[{"id": "123456789", "type": "function", "function": {"name": "now", "arguments": '{"a": 1}'}}]),
            {"role": "tool", "name": "now", "tool_call_id": "123456789", "content": "noon"},
        ],
        {"tools": TOOLS},
    ),
    "parts": ([user([{"type": "text", "text": " Look: "}, {"type": "image"}, {"type": "text", "text": "?"}])], {}),
    "documents": (
        [user("Who?")],
        {"documents": [{"doc_id": 1, "title": "T", "text": " x "}], "controls": {"citations": True}, "date_string": "1 Jan 2025"},
    ),
    "a risk": (
        [user("a\n\n\nb"), assistant("c")],
        {"guardian_config": {"risk_name": "jailbreak"}, "excluded_category_keys": ["S1"]},
    ),
    "an unknown risk": ([user("a")], {"guardian_config": {"risk_name": "nothing_known"}}),
    "roles out of turn": ([assistant("I begin"), assistant("twice"), {"role": "alien", "content": "x"}], {}),
}

BASE = {"bos_token": "<s>", "eos_token": "</s>", "add_generation_prompt": True}


def families():
    files = sorted((HERE / "families").glob("*.jinja"))
    templates = {file.stem: file.read_text(encoding="utf-8") for file in files}
    cases = []
    for name, template in templates.items():
        for conversation, (messages, more) in CONVERSATIONS.items():
            result = outcome(template, {**BASE, "messages": messages, **more})
            cases.append({"template": name, "conversation": conversation, **result})
    conversations = {name: {**BASE, "messages": messages, **more} for name, (messages, more) in CONVERSATIONS.items()}
    return {"templates": templates, "conversations": conversations, "cases": cases}


def write(name, value):
    OUT.mkdir(parents=True, exist_ok=True)
    with open(OUT / name, "w", encoding="utf-8") as file:
        json.dump(value, file, ensure_ascii=False, indent=1)
        file.write("\n")


def main():
    write("constructs.json", {"variables": VARIABLES, "cases": constructs()})
    rendered = families()
    write("families.json", rendered)
    print(len(constructs()), "constructs,", len(rendered["templates"]), "templates,", len(rendered["cases"]), "renderings")


if __name__ == "__main__":
    main()
