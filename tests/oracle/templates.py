#!/usr/bin/env python3
"""tests/oracle/templates.py [--check] FILE: what Jinja2 itself makes of the template snippets below.

Writes one JSON object a line: first the sets of variables, then template, number of its variables, and output or
error ("raised" with the message, else "error"). The environment is the one that transformers renders chat templates in. With --check the file is
compared instead. Templates of models stay out of the repository: see chat_templates.py.
"""
import functools
import json
import sys
from datetime import datetime

import jinja2
import jinja2.ext
from jinja2.sandbox import ImmutableSandboxedEnvironment

NOW = datetime(2024, 9, 6, 14, 5, 3)


class Raised(Exception):
    pass


class Generation(jinja2.ext.Extension):
    tags = {"generation"}

    def parse(self, parser):
        line = next(parser.stream).lineno
        body = parser.parse_statements(["name:endgeneration"], drop_needle=True)
        return jinja2.nodes.CallBlock(self.call_method("_body"), [], [], body).set_lineno(line)

    def _body(self, caller):
        return caller()


def environment():
    env = ImmutableSandboxedEnvironment(
        trim_blocks=True, lstrip_blocks=True, extensions=[Generation, jinja2.ext.loopcontrols]
    )

    def raise_exception(message):
        raise Raised(message)

    def tojson(x, ensure_ascii=False, indent=None, separators=None, sort_keys=False):
        return json.dumps(x, ensure_ascii=ensure_ascii, indent=indent, separators=separators, sort_keys=sort_keys)

    env.filters["tojson"] = tojson
    env.globals["raise_exception"] = raise_exception
    env.globals["strftime_now"] = lambda f: NOW.strftime(f)
    return env


@functools.lru_cache(maxsize=8)
def compiled(template):
    return environment().from_string(template)


def result(template, variables, given):
    case = {"template": template, "given": given}
    try:
        case["output"] = compiled(template).render(**variables)
    except Raised as e:
        case["raised"] = str(e)
    except Exception:  # whatever Python or Jinja2 objects to
        case["error"] = True
    return case


CHAT = {
    "bos_token": "<s>",
    "eos_token": "</s>",
    "add_generation_prompt": True,
    "messages": [
        {"role": "system", "content": " Be brief. "},
        {"role": "user", "content": "Wie geht's?\n"},
        {"role": "assistant", "content": "Gut – danke! 😀"},
        {"role": "user", "content": "<think>no</think> yes"},
    ],
}
TOOLS = {
    "tools": [
        {
            "type": "function",
            "function": {
                "name": "weather",
                "description": "The weather of a \"place\" <here>",
                "parameters": {
                    "type": "object",
                    "properties": {
                        "place": {"type": "string", "enum": ["a", "b"]},
                        "days": {"type": "integer", "default": 3},
                        "items": {"type": "array", "items": {"type": "number"}},
                    },
                    "required": ["place"],
                },
            },
        }
    ]
}
V = {
    "n": 7,
    "neg": -3,
    "f": 2.5,
    "s": "Hello World",
    "u": "ÄÖ ß 😀 é",
    "t": True,
    "z": None,
    "e": [],
    "l": [3, 1, 2],
    "w": ["b", "A", "c", "a"],
    "d": {"b": 2, "a": 1, "C": 3},
    "p": [{"name": "x", "age": 3, "on": True}, {"name": "y", "age": 1, "on": False}, {"name": "Z", "age": 2}],
    "nest": {"a": {"b": [1, {"c": "deep"}]}, "items": [1, 2], "keys": "k"},
    "multi": "one\ntwo\n\nthree\n",
    "q": "it's \"quoted\"\\\n\t",
}

EXPRESSIONS = r"""
1 + 2 * 3
(1 + 2) * 3
7 // 2
-7 // 2
7 // -2
-7 % 3
7 % -3
7 / 2
8 / 2
2 ** 10
2 ** -1
2 ** 3 ** 2
-2 ** 2
7.5 // 2
-7.5 % 2
1e3
1.5e-7
1e16
1e15
123456789.125
0.1 + 0.2
1_000 + 1
0x1F + 0b11 + 0o7
10 / 4 * 2
1 == 1.0
1 == true
true + true
"1" == 1
none == false
not none
not not 1
1 < 2 < 3
1 < 3 < 2
1 < 2 == true
"a" < "b"
"Z" < "a"
[1, 2] < [1, 3]
(1, 2) == [1, 2]
[1, 2] == [1, 2]
{"a": 1} == {"a": 1.0}
1 in [1, 2]
3 not in [1, 2]
"el" in "Hello"
"a" in d
"zz" in d
x in l
1 in undefined_name
undefined_name == undefined_other
undefined_name == none
1 or 2
0 or "x"
0 and 1
"" or none
1 and "x"
"a" ~ 1 ~ none ~ true ~ 1.0
"a" ~ undefined_name ~ "b"
"ab" * 3
3 * "ab"
"ab" * 0
[1] * 3
[1] + [2, 3]
(1,) + (2,)
"a" + "b"
"%s and %d" % ("x", 3)
"%05.2f|%-5s|%5s|%x|%%" % (3.14159, "a", "b", 255)
"%s" % "only"
"%(a)s-%(b)d" % d
"%r" % "it's"
"a" if n > 3 else "b"
"a" if n > 30 else "b"
"a" if false
"a" if false else "b" if false else "c"
n > 3 and "big" or "small"
[1, "a", none, true, 2.0, [1], (1,), (1, 2), {"k": "v"}]
{"a": [1, 2], 1: none, true: "x"}
()
(1,)
1,
1, 2
[]
{}
"it's"
['it\'s']
["it's"]
['say "x"']
["it's \"both\""]
[q]
[u]
["\x00\x7f\u00a0\u200b\ue000"]
"\x41\u00e4\101\q\\"
"a" "b" 'c'
s[0] ~ s[-1]
s[1:4]
s[::-1]
s[::2]
s[-5:]
s[:-6]
s[10:2:-2]
s[100:]
u[7]
u[::-1]
u|length
u[5:8]
l[0]
l[-1]
l[5]
l[::-1]
l[1:]
l[:1]
l[-2:]
l[::-2]
l[2:0:-1]
l[:]
(1, 2, 3)[1:]
p[0].name
p[0]["name"]
p[0].missing
p[-1].age
nest.a.b[1].c
nest["a"]["b"][0]
nest["items"]
nest["keys"]
nest.a.b.1.c
d.get("a")
d.get("zz")
d.get("zz", 5)
d.keys() | list
d.values() | list
d.items() | list
d.items()
d.keys()
d.values()
d.keys() | length
d["a"]
d.zz
d["zz"]
d.zz is defined
s.upper() ~ s.lower()
s.title() ~ "|" ~ "they're bill's".title()
"hELLO wORLD".capitalize() ~ "aB".swapcase()
s.split()
s.split("o")
s.split("o", 1)
"a,b,,c".split(",")
"  a  b ".split()
"  a  b c ".split(none, 1)
" a b ".split(" ")
"a-b-c".rsplit("-", 1)
"  a  b c ".rsplit(none, 1)
"a\nb\r\nc\n".splitlines()
"a\nb".splitlines(true)
"  x ".strip() ~ "|" ~ "  x ".lstrip() ~ "|" ~ "  x ".rstrip() ~ "|"
"xxaxx".strip("x") ~ "xya".lstrip("xy") ~ "axy".rstrip("yx")
"\u00a0 x\u2003".strip() ~ "|"
s.startswith("He") ~ s.endswith("ld") ~ s.startswith(("x", "H"))
s.startswith("ell", 1) ~ s.endswith("lo", 0, 5)
s.replace("l", "L") ~ s.replace("l", "L", 1)
"abc".replace("", "-")
"abc".replace("", "-", 2)
s.find("o") ~ "," ~ s.rfind("o") ~ "," ~ s.find("zz") ~ "," ~ s.index("W") ~ "," ~ s.count("l")
s.find("o", 5) ~ "," ~ s.find("o", -4)
"aaaa".count("aa") ~ "abc".count("")
"-".join(["a", "b"])
"-".join("abc")
"".join([])
"12".isdigit() ~ "a1".isalnum() ~ "ab".isalpha() ~ " ".isspace() ~ "".isdigit() ~ "AB".isupper() ~ "ab".islower()
"7".zfill(3) ~ "-7".zfill(4) ~ "a".ljust(3, ".") ~ "a".rjust(3) ~ "a".center(4, "*") ~ "ab".center(5, "*")
"a=b=c".partition("=")
"a=b=c".rpartition("=")
"abc".partition("=")
"unhappy".removeprefix("un") ~ "a.py".removesuffix(".py") ~ "a".removeprefix("b")
"{} {}".format("a", 1) ~ "{0}{1}{0}".format("x", "y") ~ "{a}".format(a=3)
"{:>5}|{:<5}|{:^5}|{:05d}|{:.2f}|{:,}|{!r}".format("a", "b", "c", 42, 3.14159, 1234567, "q")
"{{}}".format()
[1, 2, 1].count(1) ~ [1, 2].index(2)
u|upper ~ u|lower
"ß"|upper
s|length
[]|length
d|length
l|count
s|upper|lower
s|title
"foo-bar (baz) it's"|title
"hello wORLD"|capitalize
"  x "|trim ~ "|"
"xxaxx"|trim("x")
s|replace("o", "0")
s|replace("o", "0", 1)
5|replace("5", "6")
s|first ~ s|last
l|first ~ l|last
e|first
e|last is defined
l|sort
l|sort(reverse=true)
l|sort(true)
w|sort
w|sort(case_sensitive=true)
p|sort(attribute="age")|map(attribute="name")|list
p|sort(attribute="name")|map(attribute="name")|join(",")
l|reverse|list
s|reverse
l|sum
l|min ~ l|max
w|min ~ w|max
e|min is defined
p|sum(attribute="age")
p|sum("age", 10)
l|join
l|join(", ")
p|join(", ", attribute="name")
l|map("string")|list
w|map("upper")|join(" ")
p|map(attribute="on", default="?")|list
p|map(attribute="name")|map("lower")|list
p|selectattr("on")|map(attribute="name")|list
p|selectattr("on", "defined")|map(attribute="name")|list
p|rejectattr("on")|map(attribute="name")|list
p|selectattr("age", "gt", 1)|map(attribute="name")|list
p|selectattr("name", "equalto", "y")|list
p|selectattr("name", "==", "y")|first
p|selectattr("name", "in", ["x", "Z"])|list|length
p|rejectattr("age", "eq", 1)|list|length
l|select("odd")|list
none|selectattr("x")|list ~ none|map("upper")|list ~ 0|reject("odd")|list
l|reject("odd")|list
l|select("greaterthan", 1)|list
[0, 1, "", "a", none]|select|list
[0, 1, "", "a", none]|reject|list
["a", "A", "b"]|unique|list
["a", "A", "b"]|unique(case_sensitive=true)|list
p|unique(attribute="on")|map(attribute="name")|list
d|dictsort
d|dictsort(true)
d|dictsort(by="value")
d|dictsort(false, "value", true)
d|items|list
undefined_name|items|list
d|list
s|list
(1, 2)|list
undefined_name|list
[1, 2, 3, 4, 5]|batch(2)|list
[1, 2, 3]|batch(2, "x")|list
[1, 2, 3, 4, 5]|slice(2)|list
[1, 2, 3]|slice(2, "x")|list
p|groupby("on", default=false)|list|length
[{"k": "b", "v": 1}, {"k": "a", "v": 2}, {"k": "B", "v": 3}]|groupby("k")
"12"|int ~ "12.7"|int ~ "x"|int ~ "x"|int(5) ~ 3.9|int ~ "0x1F"|int(base=16) ~ " 7 "|int ~ none|int ~ true|int
"12.5"|float ~ "x"|float ~ "x"|float(1.5) ~ 3|float ~ "1e3"|float
-3|abs
(-3)|abs
neg|abs ~ (-2.5)|abs
2.5|round ~ 3.5|round ~ 2.567|round(2) ~ 42|round ~ 2.1|round(0, "ceil") ~ 2.9|round(method="floor")
42.55|round(1, "floor")
1234|round(-2)
2.5|round|int
"%d" % 1e20
"%d|%d|%05d|%+d" % (-0.5, 1.9, -0.5, 0.5)
"%i|%u" % (1.9, -1.9)
"%x|%X|%o" % (-255, 255, 8)
"%f|%.0f|%.0f|%.0f" % (-0.0, 0.5, 1.5, -0.3)
"%05f|%F|%f|%+f" % ("nan"|float, "nan"|float, "-inf"|float, "inf"|float)
"%010.3f|%-10.3f|" % (-3.14159, 2.5)
"{:.1f}|{:.0%}|{:,.2f}|{:08.3f}".format(-0.04, 0.125, 1234567.891, -3.14159)
-2.5|round ~ (-0.4)|round ~ (-0.4)|round(0, "ceil") ~ 2.675|round(2) ~ 1.25|round(1)
9223372036854775807|round(-20) ~ 9223372036854775800|round(-2) ~ 15|round(-1) ~ 25|round(-1)
1e300|round(400) ~ ("nan"|float)|round ~ ("inf"|float)|round ~ 1e22|round ~ 1e16|round(2, "floor")
1234567|round(-3, "ceil") ~ true|round
"1_000"|int ~ "1__0"|int ~ "_1"|int ~ "1_"|int ~ "\u0663"|int ~ "１２"|int
"1_0.5_5"|float ~ "1."|float ~ ".5"|float ~ "1_e5"|float ~ "1_"|float
"ǆ".title() ~ "ﬁ".capitalize() ~ "ß".casefold() ~ "ﬁ".casefold() ~ "ΑΣ".casefold() ~ "ΑΣ".lower()
"12".isdigit() ~ "²".isdigit() ~ "½".isdigit() ~ "１".isdigit() ~ "⑦".isdigit()
"12".isdecimal() ~ "²".isdecimal() ~ "½".isnumeric() ~ "Ⅷ".isnumeric() ~ "½".isalnum() ~ "a_".isalnum()
p|groupby("age")|map(attribute="grouper")|list
p|groupby("age")|map(attribute="list")|map("length")|list
p|groupby("age")|first
"\N{EM DASH}\N{space}."
[2**53, 2**53 + 1, 2.0**53, 1]|sort
2**53 + 1 > 2.0**53
[0.0, -0.0]|sort
n|string ~ none|string ~ [1]|string
n|default(1) ~ undefined_name|default(1) ~ none|default(1) ~ ""|default(1, true) ~ none|d("x", true)
undefined_name|default
undefined_name.x|default("no")
d.zz|default("no")
multi|indent
multi|indent(2)
multi|indent(2, true)
multi|indent(2, first=true, blank=true)
multi|indent("> ")
"<a href='x'>\"&</a>"|escape
"<a>"|e
"<a>"|safe
"<a>"|safe + "<b>" + "<c>"|safe
"<a>" + "<b>"|safe + d|tojson()
("<a>"|safe + "<b>") ~ "<c>"
("<a>"|safe|string) + "<"
("<a>"|safe) is escaped and "<a>" is not escaped
"<a>"|safe|e ~ "<a>"|safe|forceescape ~ "<a>"|e|e
"<a>"|e + "&"
("<a>"|safe) * 2 + "<"
"<a>"|safe == "<a>" and {"<a>": 1}["<a>"|safe]
["<a>"|safe, "<b>"]|join("<")
"<a>"|safe + 1
1|safe + "<"
"a b/c?d=é&f"|urlencode
"foo bar baz qux"|truncate(9)
"foo bar baz qux"|truncate(9, true)
"foo bar baz qux"|truncate(11)
"foo bar baz qux"|truncate(11, false, "...", 0)
"one two, three-four"|wordcount
"ab"|center(6) ~ "|"
"%s-%s"|format("a", 1)
"%(x)s"|format(x=3)
l|tojson
d|tojson
nest|tojson(indent=2)
nest|tojson(indent=4, ensure_ascii=true)
nest|tojson(separators=(",", ":"))
[]|tojson(indent=2) ~ {}|tojson(indent=2)
d|tojson(sort_keys=true)
u|tojson ~ u|tojson(ensure_ascii=true)
q|tojson
[1.0, 1e20, none, true, "<>&'", (1, 2)]|tojson
{1: 2, none: 3, true: 4}|tojson
"\u2028\x01\x7f"|tojson
n is odd ~ n is even ~ 9 is divisibleby 3 ~ n is divisibleby(2)
n is number ~ t is number ~ s is number ~ f is number ~ n is integer ~ t is integer ~ f is float
s is string ~ d is mapping ~ l is sequence ~ s is sequence ~ d is sequence ~ n is sequence ~ d.items() is sequence
l is iterable ~ s is iterable ~ n is iterable ~ d is iterable ~ none is iterable ~ undefined_name is iterable
z is none ~ n is none ~ undefined_name is none ~ none is defined
t is true ~ t is false ~ 1 is true ~ false is false ~ t is boolean ~ 1 is boolean
undefined_name is defined ~ undefined_name is undefined ~ p[0].zz is undefined
n is eq 7 ~ n is equalto(7) ~ n is ne 7 ~ n is gt 3 ~ n is lt 3 ~ n is ge 7 ~ n is le 6
n is in [7] ~ "a" is in d ~ n is not in [7]
n is not none and n is not string
"abc" is lower ~ "ABC" is upper ~ "aBc" is lower
none is sameas none ~ true is sameas true ~ 1 is sameas true
s.upper is callable ~ s is callable ~ range is callable
"upper" is filter ~ "nope" is filter ~ "odd" is test
not n is none
not "a" in d
n is none or n is defined
range(5)|list
range(2, 8, 3)|list
range(3, 0, -1)|list
range(5)[1:3]|list
range(4)|length
range(3)|sum
dict(a=1, b=2)
dict(d, z=9)
dict([("a", 1)])
strftime_now("%Y-%m-%d")
strftime_now("%U %W %V %G %C %k %l %P %r|%c|%-I %_d %^a %0e|%E %Q %")
strftime_now("%d %b %Y|%d %B %Y|%A, %a|%H:%M:%S|%I %p|%y|%j|%e|%-d|%-m|%F|%T|%%")
"a"|string|upper ~ "b"
l|map("float")|sum
[[1, 2], [3]]|map("length")|list
[[1, 2], [3]]|map("first")|list
[[1, 2], [3, 4]]|map(attribute=1)|list
p|map(attribute="missing")|list
(l|length) - 1
l|length - 1
loop is defined
messages is defined and messages
true if s and not e else false
"" is none
[1, 2] is sequence and [1, 2] is not mapping and [1, 2] is not string
"true" == true
n ~ ""
"{}"
"a" in ["a"] and "b" not in ["a"]
{"a": 1}.a
{"a": {"b": 1}}["a"].b
{"items": 5}.items is callable
{"a": 1, "a": 2}
[1, 2, 3,]
{"a": 1,}
range(3) == range(3)
s.split(" ")[-1].lower()
("a,b" ~ ",c").split(",")|map("upper")|list
(d.items()|list)[0]
d|length > 2
"x"|default("y")|upper
n * 1.0
3.0
3.0|int
1/3
2/3*3
100000000000000000000.0
1e-5
1e300 * 1e10
1e10 % -1 ~ " " ~ -0.0 // 2.5 ~ " " ~ 0.5 // -2
10000000000000123.0 // 2.5 ~ " " ~ -10000000000000123.0 // 2.5
(-0.0)|abs ~ (-2.5)|abs ~ true|abs
"ΟΔΟΣ ΑΣ.Β Σ Α'Σ Σ".lower() ~ "ΑΣ".capitalize() ~ "ΑΣ日 ΑΣΑ".title() ~ "ΑΣ日".swapcase()
"ΟΔΟΣ ΑΣ (ΣΑΣ)-Σ"|title ~ "ΑΣ"|capitalize ~ "ΑΣ日"|lower
p|sort(attribute="missing")|length
[none, none]|sort
[{"a": 1}, {}]|sort(attribute="a")
undefined_name|indent
[1e-7, 123456789012345680.0]
""|length
"abc"|first|upper
-n
+n
- -n
not n
not (n and z)
n == 7 and not z
""" + "\n".join(
    [
        # What Python or Jinja2 refuses.
        "1 / 0",
        "1 // 0",
        "1 % 0",
        "'a' + 1",
        "1 + none",
        "[1] + (2,)",
        "'a' - 'b'",
        "1 < 'a'",
        "none < 1",
        "1 in 5",
        "1 in 'abc'",
        "undefined_name + 1",
        "undefined_name.x",
        "undefined_name['x']",
        "undefined_name()",
        "undefined_name < 1",
        "-undefined_name",
        "-'a'",
        "s()",
        "s.nope()",
        "d.nope.x",
        "l.append(4)",
        "l.pop()",
        "d.update({})",
        "d.setdefault('x', 1)",
        "s.__class__.__name__",
        "s.__class__()",
        "n|length",
        "none|length",
        "l|map('nope')|list",
        "l|nope",
        "l is nope",
        "s|int + 'a'",
        "l|join(1, 2, 3)",
        "s.split('')",
        "s.index('zz')",
        "s.replace('a')",
        "range(10000000)",
        "range(1, 2, 0)",
        "l[::0]",
        "l['a':]",
        "'%d' % 'a'",
        "'%d' % ('nan'|float)",
        "'%d' % ('-inf'|float)",
        "'%x' % 1.5",
        "'{:d}'.format(1.5)",
        "1.7e308|round(-308)",
        "('nan'|float)|round(0, 'ceil')",
        "'\\N{DASH'",
        "'\\N{NO SUCH}'",
        "'%s %s' % ('a',)",
        "'%s' % ('a', 'b')",
        "'{}'.format()",
        "[{}]|unique|list",
        "{[]: 1}",
        "['a', 1]|sort",
        "d|dictsort(by='x')",
        "undefined_name|tojson",
        "range|tojson",
        "none|items|list",
        "l|map('upper')|length",
        "l|last(1)",
        "l|map('string')|last",
        "''.join([1])",
        "none|join",
        "2.5|round(1, 'up')",
        "none.x.y",
        "l.0.x.y",
        "raise_exception('No: ' ~ n)",
        "[1, 2",
        "1 +",
        "a b",
        "'open",
        "{'a' 1}",
        "x is",
        "1 is odd is even",
        "f(a=1, 2)",
        "f(**d, 1)",
        "1 ? 2",
        "}",
        "(1]",
        "",
        "not",
        "x.",
        "x|",
        "x[",
        "s.title(1)",
        "dict(1)",
        "strftime_now()",
    ]
)

STATEMENTS = [
    "a{% if n %}b{% endif %}c",
    "{% if n > 10 %}a{% elif n > 5 %}b{% else %}c{% endif %}",
    "{% if z %}a{% elif e %}b{% else %}c{% endif %}",
    "{% if undefined_name %}a{% endif %}x",
    "{% for x in l %}{{ x }},{% endfor %}",
    "{% for x in e %}{{ x }}{% else %}none{% endfor %}",
    "{% for x in l %}{{ x }}{% else %}none{% endfor %}",
    "{% for x in undefined_name %}a{% else %}b{% endfor %}",
    "{% for x in l if x > 1 %}{{ loop.index }}:{{ x }}/{{ loop.length }} {% endfor %}",
    "{% for x in l if x > 10 %}a{% else %}b{% endfor %}",
    "{% for x in p if x.on is defined and x.on %}{{ x.name }}{% endfor %}",
    "{% for k, v in d.items() %}{{ k }}={{ v }};{% endfor %}",
    "{% for k in d %}{{ k }}{% endfor %}",
    "{% for k, v in d|dictsort %}{{ k }}={{ v }};{% endfor %}",
    "{% for (a, b), c in [((1, 2), 3)] %}{{ a }}{{ b }}{{ c }}{% endfor %}",
    "{% for a, b in [(1, 2), [3, 4], 'xy'] %}{{ a }}{{ b }} {% endfor %}",
    "{% for c in 'aé😀' %}[{{ c }}]{% endfor %}",
    "{% for x in 1, 2, 3 %}{{ x }}{% endfor %}",
    "{% for x in l %}{{ loop.index0 }}{{ loop.revindex }}{{ loop.revindex0 }}{{ loop.first }}{{ loop.last }} {% endfor %}",
    "{% for x in l %}{{ loop.previtem }}<{{ x }}>{{ loop.nextitem }} {% endfor %}",
    "{% for x in l %}{% if loop.previtem is defined %}p{% endif %}{% if loop.nextitem is undefined %}n{% endif %}{% endfor %}",
    "{% for x in l %}{{ loop.cycle('odd', 'even') }} {% endfor %}",
    "{% for x in [1, 1, 2, 2, 1] %}{% if loop.changed(x) %}{{ x }}{% endif %}{% endfor %}",
    "{% for x in l %}{% for y in l %}{{ loop.index }}{% endfor %}{{ loop.index }} {% endfor %}",
    "{% for x in l %}{% set o = loop %}{% for y in l %}{{ o.index }}{{ loop.index }} {% endfor %}{% endfor %}",
    "{% for x in l %}{{ loop.depth }}{{ loop.depth0 }}{% endfor %}",
    "{% for x in range(10) %}{% if x == 3 %}{% break %}{% endif %}{{ x }}{% endfor %}",
    "{% for x in range(6) %}{% if x is odd %}{% continue %}{% endif %}{{ x }}{% endfor %}",
    "{% for x in range(3) %}{% for y in range(3) %}{% if y > x %}{% break %}{% endif %}{{ x }}{{ y }} {% endfor %}{% endfor %}",
    "{% for x in range(3) %}{% break %}{% else %}e{% endfor %}x",
    "{% for n in [{'v': 1, 'c': [{'v': 2, 'c': [{'v': 3, 'c': []}]}]}] recursive %}{{ n.v }}@{{ loop.depth }}[{{ loop(n.c) }}]{% endfor %}",
    "{% for x in l|sort|reverse %}{{ x }}{% endfor %}",
    "{% for x in l[::-1] %}{{ loop.index }}{{ x }} {% endfor %}",
    "{% for m in p[1:] %}{{ m.name }}{% endfor %}",
    "{% set x = 1 %}{{ x }}",
    "{% set x, y = 1, 2 %}{{ x }}{{ y }}",
    "{% set (x, y) = [1, 2] %}{{ x }}{{ y }}",
    "{% set x = 1, 2 %}{{ x }}",
    "{% set x %}a{{ n }}b{% endset %}[{{ x }}]",
    "{% set x | upper | replace('A', 'o') %}a{{ n }}b{% endset %}[{{ x }}]",
    "{% set x = 1 %}{% for i in l %}{% set x = i %}{{ x }}{% endfor %}{{ x }}",
    "{% set x = 1 %}{% if true %}{% set x = 2 %}{% endif %}{{ x }}",
    "{% for i in l %}{% set y = i %}{% endfor %}{{ y }}",
    "{% for i in l %}{% if loop.first %}{% set y = 5 %}{% endif %}{{ y }},{% endfor %}",
    "{% if false %}{% set n = 1 %}{% endif %}{{ n }}",
    "{% set ns = namespace(x=1, y='a') %}{% for i in l %}{% set ns.x = ns.x + i %}{% endfor %}{{ ns.x }}{{ ns.y }}{{ ns.zz }}",
    "{% set ns = namespace() %}{% set ns.a = 1 %}{{ ns.a }}{{ ns['a'] }}",
    "{% set ns = namespace({'a': 1}, b=2) %}{{ ns.a }}{{ ns.b }}",
    "{% set ns = namespace(found=false) %}{% for m in p %}{% if not ns.found and m.age == 1 %}{% set ns.found = true %}{{ m.name }}{% endif %}{% endfor %}{{ ns.found }}",
    "{% set ns = namespace(a=1) %}{% set ns.a, x = 2, 3 %}{{ ns.a }}{{ x }}",
    "{% set ns = namespace(t='') %}{% set ns.t %}block{% endset %}{{ ns.t }}",
    "{% set ns = namespace(l=[]) %}{% for x in l %}{% set ns.l = ns.l + [x * 2] %}{% endfor %}{{ ns.l }}",
    "{% macro m(a, b=2, c='x') %}{{ a }}{{ b }}{{ c }}{% endmacro %}{{ m(1) }}|{{ m(1, 3) }}|{{ m(1, c='y') }}|{{ m(b=5, a=4) }}|{{ m() }}",
    "{% macro m(a, b=a) %}{{ a }}{{ b }}{% endmacro %}{{ m(1) }}{{ m(1, 2) }}",
    "{% macro m() %}{{ varargs }}{{ kwargs }}{% endmacro %}{{ m(1, 2, x=3) }}",
    "{% macro m() %}{{ x }}{% endmacro %}{% set x = 5 %}{{ m() }}",
    "{% set x = 5 %}{% macro m() %}{{ x }}{% endmacro %}{% set x = 6 %}{{ m() }}",
    "{% macro m() %}{% set x = 9 %}{{ x }}{% endmacro %}{% set x = 5 %}{{ m() }}{{ x }}",
    "{% macro m() %}{{ loop is defined }}{% endmacro %}{% for i in [1] %}{{ m() }}{% endfor %}",
    "{% macro f(n) %}{% if n > 1 %}{{ n }}*{{ f(n - 1) }}{% else %}1{% endif %}{% endmacro %}{{ f(5) }}",
    "{% macro m(x) %}<{{ caller() }}{{ x }}>{% endmacro %}{% call m(1) %}body{{ n }}{% endcall %}",
    "{% macro m() %}{{ caller(1, b=2) }}{% endmacro %}{% call(a, b=0) m() %}{{ a }}{{ b }}{% endcall %}",
    "{% macro m() %}{% if caller is defined %}y{% else %}n{% endif %}{% endmacro %}{{ m() }}",
    "{% macro m(x) -%}\n  {{ x }}\n{%- endmacro %}[{{ m('a') }}]",
    "{% macro m(x) %}{{ x }}{% endmacro %}{{ m('a') | upper }}{{ m('b') ~ m('c') }}{{ m('x') is string }}",
    "{% macro m(x) %}{{ x.a.b }}{% endmacro %}{{ m({'a': {'b': 1}}) }}",
    "{% filter upper %}a{{ s }}{% endfilter %}",
    "{% filter replace('l', 'L')|indent(2) %}hello\nworld{% endfilter %}",
    "{% with a = 1, b = n %}{{ a }}{{ b }}{% endwith %}{{ a }}",
    "{% set a = 1 %}{% with a = 2, b = a %}{{ a }}{{ b }}{% endwith %}{{ a }}",
    "{% with %}{% set q = 1 %}{% endwith %}{{ q is string }}",
    "{% generation %}a{{ n }}{% set yy = 1 %}{% endgeneration %}{{ yy }}",
    "{% for m in p %}{% generation %}{{ m.name }}{{ loop.index }}{% endgeneration %}{% endfor %}",
    "{% raw %}{{ n }}{% if %}{# c #}{% endraw %}x",
    "a {%- raw %} {{ n }} {% endraw -%} b",
    "a\n{% raw %}\nx\n{% endraw %}\nb",
    "a{# comment {{ n }} #}b",
    "a\n{# comment #}\nb",
    "a {#- c -#} b",
    "a\n  {# c #}  \nb",
    "{# multi\nline #}x",
    "a\n{% if true %}\nb\n{% endif %}\nc\n",
    "a\n  {% if true %}\n  b\n  {% endif %}\nc\n\n",
    "a\n  {%+ if true %}\n  b\n  {% endif +%}\nc",
    "a  {%- if true -%}  b  {%- endif -%}  c",
    "a\n\n{%- if true %}\n\nb{% endif -%}\n\n c",
    "  {% if true %}x{% endif %}",
    "x  {% if true %}y{% endif %}",
    "{{ n }}\n{{ n }}\n",
    "{{- n -}}  {{ n }}",
    "a \n {{- n }} \n {{ n -}} \n b",
    "  {{ n }}  ",
    "\n{% for x in l %}\n  {{ x }}\n{% endfor %}\n",
    "{% for x in l -%}\n  {{ x }}\n{%- endfor %}",
    "{%- for x in l %}\n    {%- if x > 1 %}\n        {{- x }}\n    {%- else %}\n        {{- '-' + '\\n' }}\n    {%- endif %}\n{%- endfor %}",
    "a\r\n{% if true %}\r\nb\r\n{% endif %}\r\n",
    "{{ '\\n' }}{{ \"\\t|\" }}{{ '{{' }}{{ '%}' }}",
    "{{ {'a': {'b': 1}} }}",
    "{{ {'a': {'b': 1}}.a.b }}{{ '}}' }}",
    "{% set x = {'a': 1} %}{{ x.a }}{% set x = dict(x, b=2) %}{{ x }}",
    "{% print n %}",
    "{{ n }}{%if n%}a{%endif%}{%- if n -%}b{%-endif-%}",
    "{%-if n-%}a{%-endif-%}",
    "{ {{ n }} } {n} % } #}",
    "{% set x = joiner(', ') %}{% for i in l %}{{ x() }}{{ i }}{% endfor %}",
    "{% if n == 7 and (s == 'x' or not z) %}yes{% endif %}",
    "{% if n is defined and n is not none and n|string|length == 1 %}yes{% endif %}",
    "{% set first = l[0] if l else none %}{{ first }}",
    "{% for x in (l|sort) + [9] %}{{ x }}{{ ',' if not loop.last }}{% endfor %}",
    "{% set a = 'x' %}{% set a = a ~ 'y' %}{{ a }}",
    "{%- set t = s.split(' ') -%}{{ t[0] }}-{{ t|length }}",
    "{% for x in l %}{% set _ = x %}{% endfor %}ok",
    "{% if 'a' in d and d['a'] == 1 %}1{% endif %}{% if d.a %}2{% endif %}",
    "{% set x = [] %}{% for i in l %}{% if i not in x %}{% set x = x + [i] %}{% endif %}{% endfor %}{{ x }}",
    "{{ 'a' if z is none else 'b' }}{{ 'c' if not e }}",
    "\u00a0{%- if true %}x{% endif -%}\u2003y",
    # Refused.
    "{% if n %}",
    "{% endif %}",
    "{% for x in %}{% endfor %}",
    "{% for x of l %}{% endfor %}",
    "{% for x in l %}",
    "{% for x in n %}{% endfor %}",
    "{% for a, b in [(1, 2, 3)] %}{% endfor %}",
    "{% for a, b in [1] %}{% endfor %}",
    "{% set x %}",
    "{% set x.y = 1 %}",
    "{% set true = 1 %}",
    "{% set 1 = 1 %}",
    "{% set d.a = 5 %}",
    "{% macro m(a=1, b) %}{% endmacro %}",
    "{% macro m(a) %}{% endmacro %}{{ m(1, 2) }}",
    "{% macro m(a) %}{% endmacro %}{{ m(b=2) }}",
    "{% macro m(a) %}{% endmacro %}{% call m(1) %}x{% endcall %}",
    "{% call 5 %}{% endcall %}",
    "{% break %}",
    "{% unknown %}",
    "{% extends 'x' %}",
    "{% include 'x' %}",
    "{% import 'x' as y %}",
    "{# open",
    "{% raw %}open",
    "{{ n",
    "{% if n",
    "{{ raise_exception('Conversation roles must alternate') }}",
    "{% if true %}{{ raise_exception('inner ' + s) }}{% endif %}",
    "{% filter nope %}x{% endfilter %}",
    "{% for x in l %}{{ loop(x) }}{% endfor %}",
    "{% if n %}{% else %}{% elif n %}{% endif %}",
    "{% macro f(n) %}{{ f(n + 1) }}{% endmacro %}{{ f(0) }}",
]

CHATML = """{% for message in messages %}
{{ '<|im_start|>' + message['role'] + '\n' + message['content'] | trim + '<|im_end|>' + '\n' }}
{% endfor %}
{% if add_generation_prompt %}
{{ '<|im_start|>assistant\n' }}
{% endif %}"""

BRACKETS = """{{- bos_token }}
{%- if messages[0].role == 'system' %}
    {%- set intro = messages[0].content | trim %}
    {%- set rest = messages[1:] %}
{%- else %}
    {%- set intro = '' %}
    {%- set rest = messages %}
{%- endif %}
{%- for message in rest %}
    {%- if (message.role == 'user') != (loop.index0 % 2 == 0) %}
        {{- raise_exception('Roles must alternate: ' ~ message.role ~ ' at ' ~ loop.index) }}
    {%- endif %}
    {%- if message.role == 'user' %}
        {{- '[INST] ' ~ (intro ~ '\n\n' if loop.first and intro else '') ~ message.content | trim ~ ' [/INST]' }}
    {%- else %}
        {% generation %}{{- ' ' ~ message.content ~ eos_token }}{% endgeneration %}
    {%- endif %}
{%- endfor %}"""

TOOL_USE = """{%- macro kind(p) -%}
    {%- if p.type == 'array' -%}list[{{ kind(p['items']) }}]
    {%- elif p.enum -%}{% for e in p.enum %}{{ '"' ~ e ~ '"' }}{% if not loop.last %} | {% endif %}{% endfor %}
    {%- else -%}{{ p.type }}
    {%- endif -%}
{%- endmacro -%}
{%- if tools is defined and tools %}
    {{- '# Tools on ' ~ strftime_now('%d %B %Y') ~ '\n' }}
    {%- for tool in tools | map(attribute='function') %}
        {{- tool.name ~ '(' }}
        {%- for name, p in tool.parameters.properties.items() %}
            {{- name ~ ('' if name in tool.parameters.required else '?') ~ ': ' ~ kind(p) }}
            {{- ' = ' ~ p.default if p.default is defined }}
            {{- ', ' if not loop.last }}
        {%- endfor %}
        {{- ') -- ' ~ tool.description ~ '\n' }}
        {{- tool | tojson(indent=2) }}
    {%- endfor %}
{%- endif %}
{%- set ns = namespace(last=-1) %}
{%- for m in messages[::-1] %}
    {%- set index = (messages | length - 1) - loop.index0 %}
    {%- if ns.last < 0 and m.role == 'user' %}{% set ns.last = index %}{% endif %}
{%- endfor %}
{%- for m in messages %}
    {%- set content = m.content if m.content is string else '' %}
    {%- if '</think>' in content %}
        {%- set content = content.split('</think>')[-1].lstrip('\n') %}
    {%- endif %}
    {{- '\n' ~ m.role.upper() ~ ('*' if loop.index0 == ns.last) ~ ': ' ~ content }}
    {%- for call in m.tool_calls or [] %}
        {{- '\n<call>' ~ call.function | tojson ~ '</call>' }}
    {%- endfor %}
{%- endfor %}"""


def cases():
    for e in EXPRESSIONS.strip("\n").split("\n"):
        yield "{{ " + e + " }}", V
    for s in STATEMENTS:
        yield s, V
    shorter = dict(CHAT, messages=CHAT["messages"][1:], add_generation_prompt=False)
    wrong = dict(CHAT, messages=CHAT["messages"][2:])
    called = dict(
        CHAT,
        **TOOLS,
        messages=CHAT["messages"][:2]
        + [
            {
                "role": "assistant",
                "content": None,
                "tool_calls": [{"function": {"name": "weather", "arguments": {"place": "a", "days": 2}}}],
            },
            {"role": "tool", "content": "[\"sun\"]"},
        ],
    )
    for t in (CHATML, BRACKETS, TOOL_USE):
        for v in (CHAT, shorter, wrong, dict(shorter, **TOOLS), called):
            yield t, v


def lines():
    sets, cased = [], []
    for template, variables in cases():
        if variables not in sets:
            sets.append(variables)
        cased.append(json.dumps(result(template, variables, sets.index(variables))))
    return [json.dumps({"variables": v}) for v in sets] + cased


def check(file):
    ours = lines()
    with open(file, encoding="utf-8") as f:
        known = f.read().splitlines()
    wrong = [i + 1 for i, (a, b) in enumerate(zip(known, ours)) if a != b]
    if wrong or len(known) != len(ours):
        sys.exit(f"oracle: {file} has {len(known)} lines, Jinja2 {len(ours)}; lines that differ: {wrong}")
    count = sum("template" in json.loads(line) for line in ours)
    print(f"oracle: {count} template cases are Jinja2's")


def main():
    if sys.argv[1] == "--check":
        check(sys.argv[-1])
    else:
        with open(sys.argv[-1], "w", encoding="utf-8") as f:
            f.write("\n".join(lines()) + "\n")


if __name__ == "__main__":
    main()
