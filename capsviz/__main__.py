"""`python -m capsviz`, also under torchrun."""

from capsviz.cli import main

if __name__ == "__main__":
    main()
