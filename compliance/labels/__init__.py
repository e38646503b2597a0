"""Label evidence from the video itself: whether the number that should be on the screen is there, with proof.

tasks      what is to be read, and what came of it
media      frames of a video file
models     text detector and recogniser
lines, columns    from boxes to lines worth reading
alphabet, scoring how well a line shows the number expected
looking    one frame
deciding   what several frames say together
episode    which frames are looked at
working, pool     one video; processes that read many
store, exporting  readings and crops on disk; relations for the audit
expecting, pending  which videos, with which numbers
"""
