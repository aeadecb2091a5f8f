"""Learning a network from labelled digits: settings, a generator of progress, a folder per run.

Where to find what; those marked * need no torch and may be imported before it:

    settings, plan, presets *   what to train: TrainingSettings, RunPlan, PRESETS
    cost.estimate               what it will cost here, measured in a few steps
    loop.train                  the generator of Progress: to pause, stop asking; to stop, close it
    watch.Watch *               which snapshots it gives away, and keeps on disk
    progress, report *          what it tells: Progress, Report, Health
    run.RunFolder, reportfile   what it leaves: state, model.safetensors, load_report
    frames.frames_of *          the kept snapshots, to be scrubbed
    runs *                      list, curves, rename, trash, restore, extend, publish
    marker *                    which runs are unfinished; `settle` when stopped on purpose
    finetune.fine_tune          learn a person's drawings mixed with MNIST, before against after
    team.joined                 the ranks of torchrun
"""
