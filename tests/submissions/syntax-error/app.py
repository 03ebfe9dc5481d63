import os

def home(:
    pass
