"""The compact writer beside the template, read without knowing which is which.

``python -m tests.quality.blind_comparison.sheet`` writes ``sheet.csv``, a hundred requests of shops that no training
saw with the replies of both writers as A and B, and ``key.csv``, which says which of them is the compact writer's.
Whoever judges reads the sheet and writes ``marks.csv`` before the key is opened;
``python -m tests.quality.blind_comparison.tally`` joins the three.

The criteria, fixed before the first sheet was made. For each the mark is the better reply, ``A`` or ``B``, ``=`` where
neither is, ``-`` where the criterion does not apply:

answers
    says what the shopper asked for and what became of it: the wishes, what was set aside, whom it is for, that an item
    goes with another, that something was bought before. What is not said, or is said wrongly, counts against a reply.
signal
    tells a product's reason from what the shopper did, as it is, in a sentence where it makes sense. Of two that do,
    neither is better. ``-`` where no product has one.
photo
    says what the photo shows. ``-`` where there is none.
natural
    reads as a careful assistant of a shop would write: sentences that hold together, praise that fits the thing,
    nothing said twice, no word out of place.
"""
