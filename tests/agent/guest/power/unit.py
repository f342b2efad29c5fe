"""Runs in the guest as the unit of the lab."""

from tests.agent.guest import lab
from tests.agent.guest.power.inside import play

if __name__ == "__main__":
    lab.run(play)
