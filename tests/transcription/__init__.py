"""An independent reading of the clinical documents, used only to test the shipped rules.

It shares no code with the engine: own parser, own logic, own tables of patients.
"""
