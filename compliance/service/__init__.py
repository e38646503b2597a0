"""The decision service: may this title go out?"""
