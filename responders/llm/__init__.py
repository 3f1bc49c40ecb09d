"""The optional drafter that asks a language model.

What leaves is a typed record of facts and the customer's text with personal data masked; what
comes back is checked like any draft and more strictly. Whatever goes wrong, the template drafter's
answer is used, and the draft's reasons say why.
"""
