import os, sys
print(os.path.basename(sys.argv[0]), os.getcwd())
