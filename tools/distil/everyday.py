"""Invented everyday sentences: what people and agents might want remembered, and the questions asked about it.

Sentences are drawn from the templates of phrases.py; nouns come from WordNet by kind (food, animals, tools, ...),
weighted by how common they are, so that many thousand words are met in plain conversational settings. Names, towns and
professions come from the package Faker. Everything is drawn from one seeded generator.
"""

import random
import re

from faker.providers.address.en_US import Provider as Address
from faker.providers.job.en_US import Provider as Job
from faker.providers.person.en_US import Provider as Person

from phrases import DEEDS, FACTS, LISTS, QUESTIONS, REACTIONS
from wordnet import common_nouns

KINDS = {
    "animal": ["noun.animal"],
    "food": ["noun.food"],
    "plant": ["noun.plant"],
    "thing": ["noun.artifact"],
    "person": ["noun.person"],
    "event_noun": ["noun.event", "noun.act"],
    "topic": ["noun.cognition", "noun.act", "noun.communication", "noun.attribute", "noun.feeling", "noun.phenomenon"],
}
"""Slot -> WordNet's lexicographer files (lexnames(5WN)) whose nouns fill it."""

SLOT = re.compile(r"\{(\w+)\}")

IRREGULAR_PAST = dict(
    pair.split(":")
    for pair in (
        "make:made write:wrote read:read win:won lose:lost see:saw go:went fly:flew drive:drove take:took "
        "eat:ate give:gave drink:drank grow:grew feed:fed find:found buy:bought sell:sold break:broke "
        "lend:lent get:got quit:quit teach:taught speak:spoke have:had meet:met hurt:hurt do:did sleep:slept "
        "feel:felt think:thought forget:forgot sing:sang knit:knitted sew:sewed build:built wear:wore "
        "choose:chose catch:caught ride:rode run:ran set:set rewrite:rewrote draw:drew pay:paid spot:spotted "
        "plan:planned stop:stopped debug:debugged rent:rented shop:shopped"
    ).split()
)
DOUBLED = {"win", "get", "quit", "run", "set", "stop", "plan", "spot", "knit", "debug", "forget"}
"""Verbs whose last letter is doubled before -ing."""


def base_form(verb):
    """The verb as it is, for `Speaker.deed`."""
    return verb


def past(verb):
    """Simple past of a verb in its base form."""
    if verb in IRREGULAR_PAST:
        return IRREGULAR_PAST[verb]
    if verb.endswith("e"):
        return verb + "d"
    return verb[:-1] + "ied" if re.search(r"[^aeiou]y$", verb) else verb + "ed"


def gerund(verb):
    """The -ing form of a verb in its base form."""
    if verb in DOUBLED:
        return verb + verb[-1] + "ing"
    return verb[:-1] + "ing" if re.search(r"[^e]e$", verb) else verb + "ing"


def third_person(verb):
    """Third person singular of a verb in its base form."""
    if verb == "have":
        return "has"
    if re.search(r"(s|sh|ch|x|o)$", verb):
        return verb + "es"
    return verb[:-1] + "ies" if re.search(r"[^aeiou]y$", verb) else verb + "s"


def with_article(noun):
    """`noun` behind "a" or "an"."""
    return ("an " if noun[0].lower() in "aeiou" else "a ") + noun


def split_phrases(text):
    """Phrases of a block: parted by line ends and bars."""
    return [phrase for line in text.strip().splitlines() for phrase in line.split("|")]


def split_words(text):
    """Entries of a list: parted by bars, or by blanks where there is no bar."""
    return text.split("|") if "|" in text else text.split()


class Speaker:
    """Draws sentences from one seeded generator."""

    def __init__(self, wordnet_folder, seed):
        self.random = random.Random(seed)
        self.nouns = {}
        for slot, files in KINDS.items():
            found = common_nouns(wordnet_folder, files)
            self.nouns[slot] = (list(found), [count**0.5 for count in found.values()])
        self.lists = {name: split_words(text) for name, text in LISTS.items()}
        self.names = sorted(Person.first_names)
        self.towns = sorted(
            {*Address.states, "London", "Paris", "Rome", "Berlin", "Tokyo", "Chicago", "Boston", "Sydney"}
        ) + [place for place in Address.countries if "(" not in place and len(place) < 16]
        self.jobs = [job.lower() for job in Job.jobs if "," not in job and "/" not in job and "(" not in job]
        self.deeds = split_phrases(DEEDS)
        self.reactions, self.facts, self.questions = (split_phrases(text) for text in (REACTIONS, FACTS, QUESTIONS))

    def noun(self, slot):
        words, weights = self.nouns[slot]
        return self.random.choices(words, weights)[0]

    def word(self, slot):
        """One filling of a slot."""
        choose, number = self.random.choice, self.random.randint
        if slot in self.nouns:
            return self.noun(slot)
        if slot in ("a_thing", "an_animal", "a_person"):
            return with_article(self.noun(slot.split("_")[1]))
        match slot:
            case "name":
                return choose(self.names)
            case "place":
                return choose(self.towns)
            case "job":
                return choose(self.jobs)
            case "a_job":
                return with_article(choose(self.jobs))
            case "number":
                return str(number(2, 40)) if self.random.random() < 0.7 else str(number(41, 9000))
            case "age":
                return str(number(5, 80))
            case "year":
                return str(number(1985, 2026))
            case "date":
                day, month, year = number(1, 28), choose(self.lists["month"]), number(2019, 2026)
                return choose(
                    [f"{day} {month} {year}", f"{month} {day}", f"{month} {day}, {year}", f"the {day}th of {month}"]
                )
            case "kind":
                return choose(
                    ["animal", "food", "movie", "book", "song", "sport", "season", "plant", "dish", "game", "place"]
                )
            case "Kind":
                return choose(["Tools", "Objects", "Gifts", "Machines", "Things", "Buildings", "Devices"])
        return choose(self.lists[slot])

    def fill(self, template, their="their"):
        """Fills every slot, also those that a filling brings in."""
        while SLOT.search(template):
            template = SLOT.sub(lambda match: their if match[1] == "their" else self.word(match[1]), template)
        return template

    def deed(self, form, their):
        """A thing done, its verb inflected by `form`."""
        verb, _, rest = self.random.choice(self.deeds).partition(" ")
        return self.fill(f"{form(verb)} {rest}".rstrip(), their)

    def statement(self):
        """Something said of oneself."""
        pick = self.random.choice
        kind = self.random.randrange(8)
        if kind <= 1:
            text = f"I {self.deed(past, 'my')} {self.fill(pick(self.lists['past']))}"
        elif kind == 2:
            opening = pick(["I am going to", "I want to", "I plan to", "I might", "I have to", "I hope to"])
            text = f"{opening} {self.deed(base_form, 'my')} {self.fill(pick(self.lists['future']))}"
        elif kind == 3:
            text = f"I {self.deed(base_form, 'my')} {self.fill(pick(self.lists['habit']))}"
        elif kind == 4:
            opening = pick(["I love", "I enjoy", "I hate", "I miss", "I am tired of", "I am good at", "I started"])
            text = f"{opening} {self.deed(gerund, 'my')}"
        elif kind == 5:
            text = f"We {self.deed(past, 'our')}, and it was {self.fill('{quality}')}"
        elif kind == 6:
            opening = pick(["Last night", "Yesterday", "Today", "This week", "Recently"])
            text = f"{opening} my {self.word('relative')} {self.deed(past, 'their')}"
        else:
            text = f"I felt {self.word('feeling')} because I had to {self.deed(base_form, 'my')}"
        return text + pick([".", ".", "!"])

    def time_of_another(self):
        """A time in the past that does not speak of the speaker."""
        return self.fill(self.random.choice(self.lists["past"])).replace("I was", "still")

    def report(self):
        """Something said of a third person."""
        pick, name = self.random.choice, self.word("name")
        kind = self.random.randrange(5)
        if kind <= 1:
            deed = self.deed(past, pick(["her", "his", "their"]))
            return f"{name} {deed} {self.time_of_another()}."
        if kind == 2:
            return (
                f"{name} wants to {self.deed(base_form, pick(['her', 'his']))} {self.fill(pick(self.lists['future']))}."
            )
        if kind == 3:
            return f"{name} {self.deed(third_person, pick(['her', 'his']))}."
        return f"{name} told {self.word('name')} that {pick(['she', 'he'])} {self.deed(past, 'their')}."

    def question(self):
        """A question about a person."""
        pick, name = self.random.choice, self.word("name")
        their = pick(["her", "his", "their"])
        kind = self.random.randrange(8)
        if kind <= 2:
            return self.fill(pick(self.questions), their)
        if kind == 3:
            return f"When did {name} {self.deed(base_form, their)}?"
        if kind == 4:
            opening = pick(["Why did", "Where did", "Did", "How did", "With whom did", "How many times did"])
            return f"{opening} {name} {self.deed(base_form, their)}?"
        if kind == 5:
            opening, middle = pick([("When is", "going to start"), ("Why is", "thinking of"), ("How long has", "been")])
            return f"{opening} {name} {middle} {self.deed(gerund, their)}?"
        if kind == 6:
            return f"Who {self.deed(past, their)} {self.time_of_another()}?"
        return f"Did you ever {self.deed(base_form, 'your')}, {name}?"

    def line(self):
        """One line of the corpus: often as a turn of a conversation, sometimes with a date or a second sentence."""
        pick, chance = self.random.choice, self.random.random()
        if chance < 0.22:
            return self.question()
        if chance < 0.36:
            return self.fill(pick(self.facts))
        if chance < 0.48:
            return self.report()
        parts = [self.statement()]
        if self.random.random() < 0.45:
            parts.insert(0, self.fill(pick(self.reactions), "my"))
        if self.random.random() < 0.45:
            parts.append(pick([self.statement, self.question, lambda: self.fill(pick(self.reactions), "my")])())
        if self.random.random() < 0.1:
            parts = parts[:1]
        text = " ".join(parts)
        if self.random.random() < 0.6:
            text = f"{self.word('name')}: {text}"
        return f"[{self.word('date')}] {text}" if self.random.random() < 0.08 else text


def everyday_lines(wordnet_folder, count, seed):
    """`count` different invented sentences."""
    speaker, lines = Speaker(wordnet_folder, seed), {}
    while len(lines) < count:
        lines[speaker.line()] = None
    return list(lines)
