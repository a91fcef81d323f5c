"""ARM: manipulation from few demonstrations, by looking first (James and Davison 2021).

A policy sees an observation and gives a `decision`: where to look, and the pose to go to. `train`
is all of the learning, `episodes` plays, `evaluate` is the protocol. What else there is:

    look_and_vote/  the method that ships: attention by cross-entropy, poses by votes of pixels
    paper_method/   the paper's own: q_attention/ looks, next_best_pose/ acts on the crop
    baselines/      what the paper compares itself with: cloning, SAC, TD3, DAC on whole views
    off_policy/     what the last two share: rows of replay, losses, gradient steps, own episodes;
                    `train_from_replay` is their training, `learners` names each of them
    paper/          the rows of the paper's Figures 6 and 7, trained here, and their report
    pictures/       what people look at: attention, decisions, films
    commands/       the verbs: train, eval, demo, run, record, show, ship, table, bench
"""
