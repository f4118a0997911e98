from dataclasses import dataclass
from typing import Any
from agentverse.agents.protocol import Segment
@dataclass
class Line:
    seat: str
    role: str
    title: str
    value: Any
    text: str
    reply_key: str
@dataclass
class Outcome:
    lines: list
    reason: str
class Conversation:
    def __init__(self, environment, seats, speak):
        self.e, self.s, self.speak = environment, seats, speak
    async def hold(self):
        lines=[]; tr=()
        names=list(self.s); stop=self.e.rules.stop
        for t in range(1, stop.get('turns',6)+1):
            seat=names[(t-1)%len(names)]
            l=await self.speak(seat,t,tr,"")
            lines.append(l); tr=(*tr, Segment(f"{l.title}: {l.text}", None))
            if getattr(l.value,'agreed',False) or getattr(l.value,'approved',False):
                return Outcome(lines,'agreed')
        return Outcome(lines,'turns')
