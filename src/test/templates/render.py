#!/usr/bin/env python3
"""Renders the Jinja templates of this folder with conversations of every kind, for a test that compares Demur with them.

The templates follow the formats that the models' makers document, as short as they can be written; none is a copy.

    pip install -r src/test/templates/requirements.txt
    src/test/templates/render.py > src/test/resources/dev/demur/llama/internal/chat-templates.json
"""

import json
import sys
from pathlib import Path

import jinja2

BOS = "<s>"
EOS = "</s>"


def conversation(*turns: tuple[str, str]) -> list[dict[str, str]]:
    return [{"role": role, "content": content} for role, content in turns]


CONVERSATIONS = [
    conversation(("user", "How do I boil an egg?")),
    conversation(("system", "Be brief."), ("user", "How do I boil an egg?")),
    conversation(("user", "Hi"), ("assistant", "Hello."), ("user", "And now?")),
    conversation(
        ("system", "Be brief.\nAnd kind."),
        ("user", "One"),
        ("assistant", "Two,\n\nthree"),
        ("user", "Four"),
        ("assistant", "Five"),
        ("user", "Six"),
    ),
    conversation(("system", " S "), ("user", "  spaces at the edges \n"), ("assistant", "\nA "), ("user", "\tB\n\n")),
    conversation(("user", "a{{ b }}c {% d %} <e> & \"f\" 'g' 漢字 🙂")),
]


def main() -> None:
    environment = jinja2.Environment(autoescape=False, keep_trailing_newline=False)
    rendered = []
    for file in sorted(Path(__file__).parent.glob("*.jinja")):
        text = file.read_text(encoding="utf-8")
        template = environment.from_string(text)
        rendered.append(
            {
                "name": file.stem,
                "template": text,
                "conversations": [
                    {
                        "messages": messages,
                        "rendered": template.render(
                            messages=messages, bos_token=BOS, eos_token=EOS, add_generation_prompt=True
                        ),
                    }
                    for messages in CONVERSATIONS
                ],
            }
        )
    json.dump(rendered, sys.stdout, ensure_ascii=False, indent=1)
    sys.stdout.write("\n")


if __name__ == "__main__":
    main()
