#!/usr/bin/env python3
"""tests/oracle/chat_templates.py FOLDER OUT: what Jinja2 makes of every *.jinja below FOLDER.

Published templates are their authors', so none lies in the repository. Gather some, then
    tests/oracle/chat_templates.py FOLDER OUT
    mvn test -pl runtime -am -Dtest=TemplateOracleTest -Dmarlin.template.cases=OUT
compares ours on conversations with and without system message, tools, calls, results, parts and thoughts.
"""
import json
import sys
from pathlib import Path

from templates import TOOLS, result

BASE = {
    "bos_token": "<s>",
    "eos_token": "</s>",
    "pad_token": "<pad>",
    "unk_token": "<unk>",
    "documents": None,
    "tools": None,
    "add_generation_prompt": True,
}
USER = {"role": "user", "content": " Wie geht's? <b>\"x\"</b> 😀\n"}
SYSTEM = {"role": "system", "content": "Be brief.\n"}
REPLY = {"role": "assistant", "content": "<think>\nhm\n</think>\n\nGut – danke!"}
MORE = {"role": "user", "content": "And tomorrow?"}


def call(arguments, content):
    return [
        SYSTEM,
        USER,
        {
            "role": "assistant",
            "content": content,
            "tool_calls": [
                {"id": "abcdef123", "type": "function", "function": {"name": "weather", "arguments": arguments}}
            ],
        },
        {"role": "tool", "name": "weather", "tool_call_id": "abcdef123", "content": "{\"sky\": \"clear\"}"},
    ]


ARGUMENTS = {"place": "Köln", "days": 2, "exact": True, "items": [1, 2.5, None]}
PARTS = {"role": "user", "content": [{"type": "text", "text": "one"}, {"type": "text", "text": " two"}]}

CONVERSATIONS = [
    {"messages": [USER]},
    {"messages": [SYSTEM, USER]},
    {"messages": [USER, REPLY, MORE]},
    {"messages": [SYSTEM, USER, REPLY, MORE]},
    {"messages": [SYSTEM, USER, REPLY], "add_generation_prompt": False},
    {"messages": [SYSTEM, USER], **TOOLS},
    {"messages": [USER, REPLY, MORE], **TOOLS},
    {"messages": call(ARGUMENTS, ""), **TOOLS},
    {"messages": call(ARGUMENTS, None) + [REPLY, MORE], **TOOLS},
    {"messages": call(json.dumps(ARGUMENTS), "Let me look."), **TOOLS},
    {"messages": call(ARGUMENTS, "") + [REPLY], "add_generation_prompt": False},
    {"messages": [PARTS]},
    {"messages": [SYSTEM, PARTS, REPLY, MORE]},
    {"messages": [USER, dict(REPLY, content="Gut", reasoning_content="so so"), MORE], "enable_thinking": False},
    {"messages": [USER, dict(REPLY, content="Gut", thinking="so so"), MORE], "enable_thinking": True},
    {"messages": [USER], "reasoning_effort": "high", "thinking": True, "builtin_tools": ["browser", "python"]},
    {"messages": [USER], "documents": [{"title": "T", "text": "x y", "doc_id": 1}], "controls": {"length": "short"}},
    {"messages": [USER, USER]},
    {"messages": [REPLY]},
    {"messages": []},
]


def main():
    folder, out = Path(sys.argv[1]), sys.argv[2]
    sets = [dict(BASE, **c) for c in CONVERSATIONS]
    lines = [{"variables": v} for v in sets]
    shown = refused = 0
    for file in sorted(folder.rglob("*.jinja")):
        template = file.read_text(encoding="utf-8")
        for i, v in enumerate(sets):
            case = dict(result(template, v, i), name=f"{file.relative_to(folder)} {i}")
            shown += "output" in case
            refused += "output" not in case
            lines.append(case)
    with open(out, "w", encoding="utf-8") as f:
        f.writelines(json.dumps(line) + "\n" for line in lines)
    print(f"oracle: {shown} texts and {refused} refusals of Jinja2")


if __name__ == "__main__":
    main()
