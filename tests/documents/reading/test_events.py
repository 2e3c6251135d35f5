"""Events that pyyaml's parser makes of our classes."""

import inspect

import pytest
import yaml

from kubectl_meshfix.documents.reading import events


@pytest.mark.parametrize("name", ["ScalarEvent", "MappingStartEvent", "SequenceStartEvent", "MappingEndEvent", "SequenceEndEvent"])
def test_as_the_parser_fills_them(name: str) -> None:
    """An event of ours has the attributes of pyyaml's, in the order in which its parser gives them."""
    own, theirs = getattr(events, name), getattr(yaml.events, name)

    assert list(own.__struct_fields__) == list(inspect.signature(theirs).parameters)


def test_they_are_made() -> None:
    """The parser gives our events and no others for what documents hold."""
    parser = events.Parser("a: [&x b, *x]\n")
    found = [type(event) for event in iter(parser.get_event, None)]

    start, end = [yaml.events.StreamStartEvent, yaml.events.DocumentStartEvent], [yaml.events.DocumentEndEvent, yaml.events.StreamEndEvent]
    in_list = [events.SequenceStartEvent, events.ScalarEvent, events.AliasEvent, events.SequenceEndEvent]
    assert found == [*start, events.MappingStartEvent, events.ScalarEvent, *in_list, events.MappingEndEvent, *end]
