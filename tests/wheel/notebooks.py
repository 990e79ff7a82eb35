"""Executes notebooks, and compares what their cells say with what they have in their files.

    notebooks.py [--write] NOTEBOOK…

Each runs in the folder in which this is called. With --write, what cells say goes into the files.
"""

import sys

import nbformat
from nbclient import NotebookClient


def said(cell):
    """What a cell says, as text."""
    texts = []
    for output in cell.get("outputs", []):
        if output["output_type"] == "stream":
            texts.append(output["text"])
        elif output["output_type"] == "error":
            texts.append("\n".join(output["traceback"]))
        else:
            texts.append(output["data"].get("text/plain", ""))
    return "".join(texts)


def execute(path, write):
    notebook = nbformat.read(path, as_version=4)
    written = [said(cell) for cell in notebook.cells]
    NotebookClient(notebook, timeout=120, resources={"metadata": {"path": "."}}).execute()
    if write:
        for cell in notebook.cells:
            cell["metadata"] = {}
            for output in cell.get("outputs", []):
                output.pop("metadata", None)
                if "data" in output:
                    output.update(data={"text/plain": output["data"]["text/plain"]}, metadata={})
        nbformat.write(notebook, path)
        return 0
    wrong = 0
    for number, (cell, expected) in enumerate(zip(notebook.cells, written)):
        if said(cell) != expected:
            wrong += 1
            print(f"{path}, cell {number}:\n{cell['source']}\nsays\n{said(cell)}\nand not\n{expected}", file=sys.stderr)
    print(f"{path}: {len(notebook.cells)} cells, {wrong} that say something else")
    return wrong


if __name__ == "__main__":
    paths = sys.argv[1:]
    write = paths[:1] == ["--write"]
    sys.exit(1 if sum([execute(path, write) for path in paths[write:]]) else 0)
