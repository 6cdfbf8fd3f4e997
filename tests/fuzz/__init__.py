"""Fuzzing: whatever comes in is answered or refused as declared. Short forms run with the tests, long ones by ``make fuzz``."""
