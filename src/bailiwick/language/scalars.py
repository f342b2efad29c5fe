"""The leaves of a home file: each type reads the raw text that stands in its place, or says why it cannot.

YAML's own guesses never happen: ``no`` is a flag only where a flag stands, ``0755`` is never octal, ``.10`` is
an address. What YAML quotes and what it does not is the same text here.
"""

from __future__ import annotations

import re
import unicodedata
import zoneinfo
from collections.abc import Callable
from dataclasses import dataclass
from ipaddress import IPv4Network
from typing import Annotated, Any

from pydantic import GetCoreSchemaHandler
from pydantic_core import CoreSchema, PydanticCustomError, core_schema

from bailiwick.language.guess import did_you_mean


@dataclass(frozen=True, slots=True)
class Secret:
    """``!secret name``: the name of an entry in the project's secret store, never its value."""

    name: str


class Unreadable(ValueError):
    """The text does not fit its place: a code, one plain sentence, and what to write instead."""

    def __init__(self, code: str, message: str, help: str = "") -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.help = help


@dataclass(frozen=True, slots=True)
class Reading:
    """How one kind of leaf is read, and how it is described to people and to editors.

    ``words`` completes "this key takes ..."; ``pattern`` is a regular expression (ECMA 262) that accepts at least
    what ``read`` accepts, for the JSON Schema; ``many`` says that several, parted by commas or as a list, may stand.
    """

    read: Callable[[Any], Any]
    words: str
    example: str
    pattern: str = ""
    many: bool = False

    def __get_pydantic_core_schema__(self, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        def validate(raw: Any) -> Any:
            try:
                return self.read(raw)
            except Unreadable as why:
                context = {"message": why.message, "help": why.help}
                raise PydanticCustomError(why.code, "{message}", context) from None

        return core_schema.no_info_plain_validator_function(validate)


def _text(raw: Any) -> str:
    """The raw text of a leaf; raises Unreadable for a secret or an empty value."""
    if isinstance(raw, Secret):
        raise Unreadable(
            "secret-misplaced",
            f"A secret cannot stand here: `!secret {raw.name}` is for passwords and tokens alone.",
        )
    if not isinstance(raw, str):
        raise Unreadable("value-shape", "A single value belongs here, not a list or a mapping.")
    if not raw:
        raise Unreadable("value-missing", "Nothing stands here.", "write a value, or remove the key")
    return raw


def read_text(raw: Any) -> str:
    """One line or several words; no control characters, for the text may end in a configuration file."""
    text = _text(raw)
    for character in text:
        if unicodedata.category(character) in {"Cc", "Cs", "Zl", "Zp"}:
            raise Unreadable("text-control", f"The text holds a control character (U+{ord(character):04X}).")
    return text


_DECIMAL = re.compile(r"0|[1-9][0-9]{0,8}", re.ASCII)


def _number(text: str, code: str, noun: str) -> int:
    if _DECIMAL.fullmatch(text):
        return int(text)
    stripped = text.lstrip("0")
    if text.isascii() and text.isdigit() and stripped != text and len(stripped) < 10:
        raise Unreadable(
            code,
            f"`{text}` starts with a zero, which some programs read as octal.",
            f"write `{stripped or '0'}`",
        )
    raise Unreadable(code, f"`{text}` is not {noun}.", "write it in decimal digits")


def read_count(raw: Any) -> int:
    """Decimal, no leading zero."""
    return _number(_text(raw), "number", "a whole number from 0 to 999999999")


def read_vlan(raw: Any) -> int:
    """1 to 4094: IEEE 802.1Q keeps 0 and 4095 for itself."""
    number = _number(_text(raw), "vlan-id", "a VLAN id")
    if not 1 <= number <= 4094:
        raise Unreadable("vlan-id", f"VLAN {number} does not exist: ids run from 1 to 4094 (IEEE 802.1Q).")
    return number


_FLAGS = {"yes": True, "true": True, "on": True, "no": False, "false": False, "off": False}


def read_flag(raw: Any) -> bool:
    """The words of YAML 1.1, in any case."""
    text = _text(raw)
    value = _FLAGS.get(text.lower())
    if value is None:
        raise Unreadable("flag", f"`{text}` is neither yes nor no.", "write `yes` or `no`")
    return value


_MAC = re.compile(r"[0-9a-f]{2}(?::[0-9a-f]{2}){5}|[0-9a-f]{2}(?:-[0-9a-f]{2}){5}")


def read_mac(raw: Any) -> str:
    """Lower case, parted by colons."""
    text = _text(raw)
    mac = text.lower()
    if not _MAC.fullmatch(mac):
        raise Unreadable("mac", f"`{text}` is not a hardware address.", "write six pairs, as `52:54:00:aa:00:05`")
    mac = mac.replace("-", ":")
    if int(mac[:2], 16) & 1:
        raise Unreadable("mac", f"`{text}` is a group address, which no single card has (IEEE 802).")
    if mac == "00:00:00:00:00:00":
        raise Unreadable("mac", "The hardware address is all zeros, which no card has.")
    return mac


_DURATION = re.compile(r"([1-9][0-9]{0,8})([smhdw])")
_SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800}


class Duration(int):
    """A span of time in seconds, written as ``12h``, ``30m``, ``2d``."""

    @classmethod
    def parse(cls, text: str) -> Duration:
        """Raises Unreadable."""
        match = _DURATION.fullmatch(text)
        if not match:
            raise Unreadable(
                "duration", f"`{text}` is not a length of time.", "write a number and a unit: `90s`, `30m`, `12h`, `2d`"
            )
        seconds = int(match[1]) * _SECONDS[match[2]]
        if seconds >= 1 << 32:
            raise Unreadable("duration", f"`{text}` is longer than DHCP can say (136 years).")
        return cls(seconds)

    def __str__(self) -> str:
        for unit in "wdhm":
            if self and not self % _SECONDS[unit]:
                return f"{self // _SECONDS[unit]}{unit}"
        return f"{int(self)}s"

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: GetCoreSchemaHandler) -> CoreSchema:
        return DURATION.__get_pydantic_core_schema__(source, handler)


DURATION = Reading(
    lambda raw: Duration.parse(_text(raw)), "a length of time", "12h", pattern="^[1-9][0-9]{0,8}[smhdw]$"
)


_LABEL = re.compile(r"[a-z](?:[a-z0-9-]{0,30}[a-z0-9])?")


def read_label(raw: Any) -> str:
    """A name of ours: it can be an nftables comment, a DNS label (RFC 1123) and part of a file's name."""
    text = _text(raw)
    if not _LABEL.fullmatch(text):
        guess = re.sub(r"[^a-z0-9-]+", "-", text.lower()).strip("-")[:32].rstrip("-")
        raise Unreadable(
            "name-form",
            f"`{text}` cannot be a name: a name has 1 to 32 lower-case letters, digits and hyphens, "
            "starts with a letter and ends with no hyphen.",
            f"write `{guess}`" if _LABEL.fullmatch(guess) else "",
        )
    return text


_OPTION = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,62}[a-z0-9])?")


def read_option(raw: Any) -> str:
    """A DHCP option's name, or its number (RFC 2132: 0 and 255 are padding and end)."""
    text = _text(raw)
    if not _OPTION.fullmatch(text) or (text.isdigit() and not 1 <= int(text) <= 254):
        raise Unreadable(
            "dhcp-option", f"`{text}` is not a DHCP option: a name, or a number from 1 to 254.", "write `ntp-server`"
        )
    return text


_INTERFACE = re.compile(r"[A-Za-z0-9._@:-]{1,15}")


def read_interface(raw: Any) -> str:
    """A Linux interface name: at most 15 bytes (IFNAMSIZ less one), see dev_valid_name in net/core/dev.c."""
    text = _text(raw)
    if len(text.encode()) > 15:
        raise Unreadable("interface-name", f"`{text}` is too long: Linux allows 15 bytes for an interface's name.")
    if not _INTERFACE.fullmatch(text) or ":" in text or text in {".", ".."}:
        raise Unreadable(
            "interface-name", f"`{text}` cannot be an interface's name: letters, digits, `.`, `_`, `-` and `@` alone."
        )
    return text


_PORT_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._@:-]{0,31}")


def read_port_name(raw: Any) -> str:
    """What is printed beside a device's socket."""
    text = _text(raw)
    if not _PORT_NAME.fullmatch(text):
        raise Unreadable("port-name", f"`{text}` cannot be a port's name: letters, digits, `.`, `_` and `-` alone.")
    return text


def read_port(raw: Any) -> str:
    """``device/port`` or ``port``."""
    text = _text(raw)
    device, slash, port = text.rpartition("/")
    if (slash and not _LABEL.fullmatch(device)) or not _PORT_NAME.fullmatch(port):
        raise Unreadable("port", f"`{text}` is not a port.", "write `device/port`, as `switch/1` or `router/eth1`")
    return text


_QUAD = re.compile(r"[0-9]+\.[0-9]+\.[0-9]+\.[0-9]+")


def _octets(text: str, whole: str) -> None:
    for octet in text.split("."):
        if len(octet) > 1 and octet[0] == "0":
            raise Unreadable(
                "address", f"`{whole}` has a part with a leading zero (`{octet}`), which some programs read as octal."
            )
        if len(octet) > 3 or int(octet) > 255:
            raise Unreadable("address", f"`{whole}` is no IPv4 address: {octet[:12]} is more than 255.")


_SHORT = re.compile(r"\.[0-9]+")


def _address(text: str, whole: str) -> bool:
    """Whether the text is a short or a whole IPv4 address; raises Unreadable for one that cannot be."""
    if _SHORT.fullmatch(text):
        _octets(text[1:], whole)
        return True
    if _QUAD.fullmatch(text):
        _octets(text, whole)
        return True
    return False


def read_address(raw: Any) -> str:
    """``.5``, ``192.0.2.1``, ``192.0.2.1/30``, ``dhcp``, or the name of a host: text still, resolved in its zone."""
    text = _text(raw)
    address, slash, prefix = text.partition("/")
    if _address(address, text):
        if slash and (not _DECIMAL.fullmatch(prefix) or int(prefix) > 32):
            raise Unreadable("address", f"`{text}` has no prefix length from 0 to 32 after the slash.")
        return text
    if not slash and _DOMAIN.fullmatch(text) and not text.replace(".", "").isdigit():
        return text
    if ":" in text:
        raise Unreadable("address", f"`{text}` looks like IPv6, which is `off` for now.", "write the IPv4 address")
    raise Unreadable("address", f"`{text}` is no IPv4 address.", "write `.5`, or the whole address as `192.168.40.5`")


def read_range(raw: Any) -> str:
    """Two addresses, short or whole; which is the larger is known in the zone."""
    text = _text(raw)
    first, dash, last = (part.strip() for part in text.partition("-"))
    if not (dash and _address(first, text) and _address(last, text)):
        raise Unreadable("range", f"`{text}` is not a range of addresses.", "write `.100-.199`")
    return f"{first}-{last}"


_CIDR = re.compile(r"([0-9]+\.[0-9]+\.[0-9]+\.[0-9]+)/([0-9]+)")


def read_cidr(raw: Any) -> IPv4Network:
    """Host bits must be zero."""
    text = _text(raw)
    match = _CIDR.fullmatch(text)
    if not match:
        help = f"write `{text}/24`" if _QUAD.fullmatch(text) else "write it as `192.168.40.0/24`"
        raise Unreadable("subnet", f"`{text}` is not an IPv4 network with a prefix length.", help)
    _octets(match[1], text)
    if not _DECIMAL.fullmatch(match[2]) or int(match[2]) > 32:
        raise Unreadable("subnet", f"`{text}` has no prefix length from 0 to 32 after the slash.")
    network = IPv4Network(text, strict=False)
    if str(network) != text:
        raise Unreadable(
            "subnet", f"`{text}` is an address inside a network, not the network itself.", f"write `{network}`"
        )
    return network


_DOMAIN = re.compile(
    r"(?=.{1,253}\Z)[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9])?(?:\.[a-z0-9_](?:[a-z0-9_-]{0,61}[a-z0-9])?)*"
)


def read_domain(raw: Any) -> str:
    """Lower case, without the root's dot (RFC 1123 §2.1; an underscore as RFC 8552 has it)."""
    text = _text(raw)
    name = text.lower().removesuffix(".")
    if not _DOMAIN.fullmatch(name):
        raise Unreadable("domain-name", f"`{text}` is not a domain name.", "write it as `files.home.arpa`")
    return name


_TIMEZONE = re.compile(r"(?!posix/|right/)[A-Za-z][A-Za-z0-9_+-]*(?:/[A-Za-z0-9_+-]+){0,2}")


def _timezone_known(text: str) -> bool:
    try:
        zoneinfo.ZoneInfo(text)
    except (zoneinfo.ZoneInfoNotFoundError, OSError):  # a folder of the database answers with an OSError
        return False
    return True


def read_timezone(raw: Any) -> str:
    """A name of the IANA database that this machine or the tzdata package holds."""
    text = _text(raw)
    if not _TIMEZONE.fullmatch(text) or not _timezone_known(text):
        known = zoneinfo.available_timezones()
        hint = did_you_mean(text, known) if known else "install tzdata: this machine holds no time zones"
        raise Unreadable("timezone", f"`{text}` is not a time zone of the IANA database.", hint)
    return text


def read_secret(raw: Any) -> Secret:
    """Only ever ``!secret NAME``."""
    if not isinstance(raw, Secret):
        raise Unreadable(
            "secret-inline",
            "A password never stands in the home file.",
            "write `!secret NAME`, and put the value into the secret store under that name",
        )
    if not _LABEL.fullmatch(raw.name):
        raise Unreadable("name-form", f"`{raw.name}` cannot be a secret's name.", "write it as `!secret pppoe`")
    return raw


_WORD = re.compile(r"[A-Za-z0-9._/*:@+-]+")


def check_word(text: str) -> None:
    """Raises Unreadable unless the text can be one name of a list: a name, address, network or service."""
    if not text:
        raise Unreadable("list-empty", "A name is missing between the commas.")
    if not _WORD.fullmatch(text):
        if len(text.split()) > 1:
            raise Unreadable(
                "list-separator",
                f"`{text}` has spaces in it: names are parted by commas.",
                f"write `{', '.join(text.split())}`",
            )
        raise Unreadable("name-form", f"`{text}` cannot be a name.")


def read_names(raw: Any) -> tuple[str, ...]:
    """The reader hands over a list of single names, however it was written."""
    names = [_text(name) for name in raw] if isinstance(raw, list) else [_text(raw)]
    for name in names:
        check_word(name)
    return tuple(names)


_NAME_PATTERN = "^[a-z]([a-z0-9-]{0,30}[a-z0-9])?$"

Text = Annotated[str, Reading(read_text, "text", "reading room")]
Label = Annotated[str, Reading(read_label, "a name", "lan", _NAME_PATTERN)]
OptionName = Annotated[str, Reading(read_option, "the name or number of a DHCP option", "ntp-server")]
Count = Annotated[int, Reading(read_count, "a whole number", "1000", "^(0|[1-9][0-9]{0,8})$")]
VlanId = Annotated[int, Reading(read_vlan, "a VLAN id", "40", "^[1-9][0-9]{0,3}$")]
Flag = Annotated[
    bool, Reading(read_flag, "`yes` or `no`", "yes", "^([Yy]es|YES|[Nn]o|NO|[Tt]rue|[Ff]alse|[Oo]n|[Oo]ff)$")
]
Mac = Annotated[
    str, Reading(read_mac, "a hardware address", "52:54:00:aa:00:05", "^[0-9A-Fa-f]{2}([:-][0-9A-Fa-f]{2}){5}$")
]
InterfaceName = Annotated[str, Reading(read_interface, "an interface's name", "eth0", "^[A-Za-z0-9._@-]{1,15}$")]
PortName = Annotated[str, Reading(read_port_name, "a port's name", "1")]
PortText = Annotated[str, Reading(read_port, "a port", "router/eth1", "^([a-z0-9-]+/)?[A-Za-z0-9._@:-]+$")]
AddressText = Annotated[str, Reading(read_address, "an address", ".5", "^[a-z0-9._-]+(/[0-9]+)?$")]
RangeText = Annotated[str, Reading(read_range, "a range of addresses", ".100-.199", "^[0-9.]+ *- *[0-9.]+$")]
Cidr = Annotated[IPv4Network, Reading(read_cidr, "an IPv4 network", "192.168.40.0/24", "^[0-9.]+/[0-9]+$")]
DomainName = Annotated[str, Reading(read_domain, "a domain name", "home.arpa")]
Timezone = Annotated[str, Reading(read_timezone, "a time zone", "Europe/Paris")]
SecretText = Annotated[Secret, Reading(read_secret, "a secret", "!secret pppoe")]
NameList = Annotated[tuple[str, ...], Reading(read_names, "one name or several", "lan, iot", many=True)]
