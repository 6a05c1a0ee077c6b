"""Layouts for tablets: the same pages for Open Stage Control and for TouchOSC, made from the bank."""
